import { BpfError } from '../errors/bpf-error.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'

const bpf_prog_stream_read = bindLibbpf<
  (fd: number, stream: number, buffer: Uint8Array, size: number, opts: null) => number
>('int bpf_prog_stream_read(int, uint32_t, void *, uint32_t, void *)')

/** BPF_STDOUT and BPF_STDERR of enum bpf_stream (linux/bpf.h, since 6.17). */
const STREAMS = { stdout: 1, stderr: 2 } as const

const CHUNK = 16_384

/**
 * Reads what a program printed with bpf_stream_printk(), or the kernel reported about it on stderr, since the last read.
 * @throws {UnsupportedError} on Linux before 6.17 or libbpf before 1.6
 */
export function readStream(fd: number, name: string, stream: keyof typeof STREAMS): string {
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = new Uint8Array(CHUNK)
    const length = bpf_prog_stream_read(fd, STREAMS[stream], chunk, chunk.length, null)
    if (length < 0) throw failed(name, length)
    if (length > 0) chunks.push(chunk.subarray(0, length))
    if (length < CHUNK) return Buffer.concat(chunks).toString()
  }
}

function failed(name: string, errno: number): BpfError {
  const operation = 'read stream of program'
  if (errnoCode(errno) === 'EINVAL') {
    const needs = { kernel: '6.17', libbpf: '1.6' }
    return new UnsupportedError({ operation, subject: name, feature: 'a BPF stream', needs, errno })
  }
  return new BpfError({ operation, subject: name, errno })
}
