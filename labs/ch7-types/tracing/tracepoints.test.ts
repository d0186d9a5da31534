import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { test } from '@ebpf-labs/harness'
import { PERF_TYPE, perfEventOpen, tracepointId } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { raw_tp as rawTpSkeleton } from '../build/tracing/raw_tp.skel.ts'
import { tp_btf as tpBtfSkeleton } from '../build/tracing/tp_btf.skel.ts'
import { tracepoint as tracepointSkeleton } from '../build/tracing/tracepoint.skel.ts'
import { fires } from '../fires.ts'
import { watch } from '../watch.ts'
import { rawTp } from './raw_tp.ts'
import { tpBtf } from './tp_btf.ts'
import { tracepoint } from './tracepoint.ts'

const SIGURG = 23
const { pid, ppid } = process
const urge = () => process.kill(pid, 'SIGURG')
/** Signals that this thread does not send. */
const near = () => {
  process.kill(pid, 0)
  execFileSync('sh', ['-c', `kill -URG ${pid}`])
}

test('a tracepoint program sees the record of a signal', async () => {
  expect(await tracepoint.show()).toEqual([
    {
      did: 'kill(own pid, SIGURG)',
      saw: { signal: SIGURG, receiver: pid, comm: expect.any(String), ignored: true },
    },
    { did: 'kill(own pid, 0)', saw: undefined },
  ])
  const [comm] = execFileSync('cat', [`/proc/${pid}/comm`], { encoding: 'utf8' }).split('\n')
  expect(await fires(tracepointSkeleton, urge, near)).toEqual({
    signal: SIGURG,
    receiver: pid,
    comm,
    ignored: true,
  })
})

test('a tracepoint program tells a signal that is not ignored from one that is', async () => {
  const onSignal = () => undefined
  process.on('SIGURG', onSignal)
  try {
    expect(await tracepoint.show()).toMatchObject([{ saw: { ignored: false } }, {}])
  } finally {
    process.off('SIGURG', onSignal)
  }
})

test('a tracepoint program that returns 0 keeps the event from perf', async () => {
  const config = tracepointId('signal/signal_generate')
  using counter = perfEventOpen({ type: PERF_TYPE.TRACEPOINT, config }, { pid: 0 })
  const counted = () => {
    const count = new BigUint64Array(1)
    readSync(counter.fd, count)
    return count[0]
  }
  for (let n = 0; n < 3; n++) urge()
  expect(counted()).toBe(3n)
  await fires(tracepointSkeleton, urge, () => undefined)
  expect(counted()).toBe(3n)
  urge()
  expect(counted()).toBe(4n)
})

test('a raw tracepoint program sees the arguments of a tracepoint', async () => {
  expect(await rawTp.show()).toEqual([
    { did: 'kill(own pid, SIGURG)', saw: { signal: SIGURG, receiver: pid } },
    { did: 'kill(own pid, 0)', saw: undefined },
  ])
  expect(await fires(rawTpSkeleton, urge, near)).toEqual({ signal: SIGURG, receiver: pid })
})

test('a tp_btf program sees the arguments of a tracepoint, and what they point to', async () => {
  expect(await tpBtf.show()).toEqual([
    { did: 'kill(own pid, SIGURG)', saw: { signal: SIGURG, receiver: pid, parent: ppid } },
    { did: 'kill(own pid, 0)', saw: undefined },
  ])
  expect(await fires(tpBtfSkeleton, urge, near)).toEqual({
    signal: SIGURG,
    receiver: pid,
    parent: ppid,
  })
})

test.each([
  ['tracepoint', tracepointSkeleton],
  ['raw_tp', rawTpSkeleton],
  ['tp_btf', tpBtfSkeleton],
] as const)('%s tells who receives a signal, not who sends it', async (_name, skeleton) => {
  await watch(skeleton, ({ data: { bss } }) => {
    process.kill(ppid, 'SIGURG')
    expect(bss).toMatchObject({ hits: 1, seen: { receiver: ppid } })
  })
})

test('a signal that another thread of this process sends is not looked at', async () => {
  await watch(tracepointSkeleton, (one) =>
    watch(rawTpSkeleton, (two) =>
      watch(tpBtfSkeleton, async (three) => {
        const worker = new Worker(`process.kill(${pid}, 'SIGURG')`, { eval: true })
        await once(worker, 'exit')
        expect([one, two, three].map(({ data }) => data.bss.hits)).toEqual([0, 0, 0])
        urge()
        expect([one, two, three].map(({ data }) => data.bss.hits)).toEqual([1, 1, 1])
      }),
    ),
  )
})
