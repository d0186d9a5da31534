/**
 * Opens, loads, attaches and closes an object again and again, and prints what it holds after a tenth of the rounds and
 * at the end: `node --expose-gc test/child/rounds.ts OBJECT ROUNDS`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import koffi from 'koffi'
import { BpfObject } from '../../src/object/bpf-object.ts'

/** glibc's struct mallinfo2: what malloc() has handed out, which RSS hides behind V8's own comings and goings. */
const counters = ['arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks']
const fields = [...counters, 'uordblks', 'fordblks', 'keepcost'].map((name) => [name, 'size_t'])
const mallinfo2 = koffi
  .load('libc.so.6')
  .func('mallinfo2', koffi.struct(Object.fromEntries(fields)), [])

const [object = '', rounds = '100'] = process.argv.slice(2)
const total = Number(rounds)

for (let n = 0; n < total / 10; n++) round()
const early = usage()
for (let n = total / 10; n < total; n++) round()
console.log(JSON.stringify({ early, late: usage() }))

function round(): void {
  using spec = BpfObject.open(object)
  spec.data['rodata']!['target_pid'] = process.pid
  using loaded = spec.load()
  using links = loaded.attach()
  if (links.size !== 2 || loaded.data['bss']!['uprobe_hits'] !== 0n) throw new Error('not attached')
}

/** Kilobytes in use, and open file descriptors. */
function usage(): { rss: number; malloc: number; fds: number } {
  for (let n = 0; n < 3; n++) globalThis.gc?.()
  const [, rss] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  const { uordblks, hblkhd } = mallinfo2()
  return {
    rss: Number(rss),
    malloc: Math.round((Number(uordblks) + Number(hblkhd)) / 1024),
    fds: readdirSync('/proc/self/fd').length,
  }
}
