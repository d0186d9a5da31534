/** Run as a worker: makes a link and closes it, over and over, until `stop[0]` is set. */
import { closeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { bpf } from '../../src/raw/bpf.ts'

const { program, stop }: { program: number; stop: Int32Array } = workerData
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort?.postMessage('begins')
while (Atomics.load(stop, 0) === 0) {
  closeSync(bpf('BPF_RAW_TRACEPOINT_OPEN', { name: 'xdp_exception', prog_fd: program }))
}
