/** Loses a link to the garbage collector, and shows that its program goes on: run with --expose-gc OBJECT. */
import { setTimeout } from 'node:timers/promises'
import { BpfObject } from '../../src/object/bpf-object.ts'
import { getpgid } from '../syscalls.ts'

using spec = BpfObject.open(String(process.argv[2]))
spec.data['rodata']!['target_pid'] = process.pid
using object = spec.load()
const bss = object.data['bss']!
;(() => object.program('on_getpgid').attach())()

const warned = new Promise((resolve) => process.once('warning', () => resolve('warned')))
const deadline = Date.now() + 5000
// Finalizers run between turns of the event loop.
while ((await Promise.race([warned, setTimeout(10, 'not yet')])) === 'not yet') {
  if (Date.now() > deadline) break
  globalThis.gc?.()
}
const before = String(bss['tracepoint_hits'])
getpgid(23)
console.log(JSON.stringify({ before, after: String(bss['tracepoint_hits']) }))
