/** Run as a worker: loads one object and fails to load another. */
import { parentPort, workerData } from 'node:worker_threads'
import { VerifierError } from '../../src/errors/verifier-error.ts'
import { BpfObject } from '../../src/object/bpf-object.ts'

using object = BpfObject.open(String(workerData.good)).load()
const programs = Object.keys(object.programs).length
try {
  BpfObject.open(String(workerData.rejected)).load()
} catch (error) {
  if (!(error instanceof VerifierError)) throw error
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage({ programs, error: error.name, log: error.log })
}
