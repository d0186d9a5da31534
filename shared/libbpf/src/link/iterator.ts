import { closeSync, readSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { bpf_iter_create } from './bindings.ts'

/** Bytes per read(2): the kernel's own buffer for an iterator's output has 8 pages (kernel/bpf/bpf_iter.c). */
const CHUNK = 32_768

/**
 * Runs an iterator program over all its elements.
 * @param linkFd link of a program of attach type `trace_iter`
 */
export function readIterator(linkFd: number, what: string): Uint8Array<ArrayBuffer> {
  const fd = bpf_iter_create(linkFd)
  if (fd < 0) {
    const hint =
      errnoCode(fd) === 'EINVAL' ? 'Only programs of SEC("iter/…") can be read.' : undefined
    throw new BpfError({ operation: 'read iterator', subject: what, errno: fd, hint })
  }
  const chunks: Uint8Array[] = []
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK)
      const length = readChunk(fd, chunk, what)
      if (length === 0) return new Uint8Array(Buffer.concat(chunks))
      chunks.push(chunk.subarray(0, length))
    }
  } finally {
    closeSync(fd)
  }
}

function readChunk(fd: number, chunk: Uint8Array, what: string): number {
  for (;;) {
    try {
      return readSync(fd, chunk)
    } catch (cause) {
      // EAGAIN: the kernel paused after a million elements that wrote nothing (kernel/bpf/bpf_iter.c).
      if (cause instanceof Error && 'code' in cause && cause.code === 'EAGAIN') continue
      throw new BpfError({
        operation: 'read iterator',
        subject: what,
        problem: 'the program ended it',
        hint: 'A return value of 0 goes on; 1 asks for the same element again.',
        cause,
      })
    }
  }
}
