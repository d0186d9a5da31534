import { isMainThread } from 'node:worker_threads'
import koffi from 'koffi'
import { bindLibc } from '../../ffi/libc.ts'
import { bindLibbpf } from '../../ffi/libbpf.ts'
import type { Pointer } from '../../ffi/library.ts'
import { nativePrograms } from '../native/object-maps.ts'
import { bpf_program__name } from '../../program/bindings.ts'

const calloc = bindLibc<(count: number, size: number) => Pointer>('void *calloc(size_t, size_t)')
const free = bindLibc<(memory: bigint) => void>('void free(void *)')
const bpf_program__set_log_buf = bindLibbpf<
  (program: bigint, buffer: Pointer, size: number) => number
>('int bpf_program__set_log_buf(void *, char *, size_t)')

/** Bytes per program; memory that the kernel does not write to costs nothing. */
const SIZE = 16 << 20

/**
 * Collects verifier logs in buffers of its own on threads where libbpf's messages cannot be caught.
 * On the main thread libbpf's messages bring the logs, of any length, and this does nothing.
 */
export class LogBuffers implements Disposable {
  readonly #buffers: { name: string; program: bigint; buffer: bigint }[] = []

  constructor(object: bigint) {
    if (isMainThread) return
    for (const program of nativePrograms(object)) {
      const buffer = calloc(SIZE, 1)
      if (buffer === null) continue
      bpf_program__set_log_buf(program, buffer, SIZE)
      this.#buffers.push({ name: bpf_program__name(program), program, buffer })
    }
  }

  /** The logs that are there, by program. */
  logs(): Map<string, string> {
    const logs = new Map<string, string>()
    for (const { name, buffer } of this.#buffers) {
      const log = koffi.decode.string(buffer)
      if (log !== '') logs.set(name, log)
    }
    return logs
  }

  [Symbol.dispose](): void {
    for (const { program, buffer } of this.#buffers.splice(0)) {
      bpf_program__set_log_buf(program, null, 0)
      free(buffer)
    }
  }
}
