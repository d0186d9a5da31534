import { closeSync } from 'node:fs'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { BpfError } from '../errors/bpf-error.ts'
import { Link } from '../link/link.ts'
import { tryBpf } from './bpf.ts'
import { assemble } from './insn/assemble.ts'
import { objectIds, openById } from './objects.ts'
import { progLoad } from './prog-load.ts'

const EAGAIN = 11
const BPF_PROG_TYPE_RAW_TRACEPOINT = 17

/** Asks for a link as the kernel does it, and returns its errno. */
function rawOpen(id: number): number {
  const result = tryBpf('BPF_LINK_GET_FD_BY_ID', { link_id: id })
  if (result >= 0) closeSync(result)
  return Math.max(0, -result)
}

/** Opens a link, and returns the error if there is one. */
function openingFails(id: number): unknown {
  try {
    Link.byId(id).close()
    return undefined
  } catch (error) {
    return error
  }
}

test('a link that another thread is just making is not there yet', async () => {
  using program = progLoad({
    prog_type: BPF_PROG_TYPE_RAW_TRACEPOINT,
    insns: assemble('r0 = 0\nexit'),
  }).fd
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('../../test/child/links.ts', import.meta.url), {
    workerData: { program: program.fd, stop },
    trackUnmanagedFds: false,
  })
  const ended = once(worker, 'exit')
  try {
    await once(worker, 'message')
    const deadline = performance.now() + 20_000
    let unfinished = 0
    let hint: string | undefined
    while ((unfinished < 23 || hint === undefined) && performance.now() < deadline) {
      for (const id of objectIds('link')) {
        if (rawOpen(id) === EAGAIN) unfinished += 1
        openById('link', id)?.close()
        const error = openingFails(id)
        if (error instanceof BpfError && error.errno === EAGAIN) hint = error.hint
      }
    }
    expect(unfinished).toBeGreaterThanOrEqual(23)
    expect(hint).toContain('try again')
  } finally {
    Atomics.store(stop, 0, 1)
    await ended
  }
})
