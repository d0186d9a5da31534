/** Loads a program without libbpf, call by call. */
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { decodeInsns, disassembleProgram } from '@ebpf-labs/libbpf'
import { WAYS, attachHello, loadHello } from './by-hand/hello.ts'
import { Kernel } from './by-hand/kernel.ts'
import { lookupBatch, update } from './by-hand/map.ts'
import { pin, programInfo } from './by-hand/objects.ts'
import { type Show, showAll, showPinned } from './by-hand/show.ts'
import { firstMessages } from './messages.ts'

const options = {
  attach: { type: 'string', value: 'HOW', default: 'ioctl', help: WAYS.join(', ') },
  pin: { type: 'string', value: 'PATH', help: 'pin the program, so that it outlives this' },
  bytes: { type: 'boolean', help: 'show the bytes of each struct, and the instructions' },
} as const
const about = 'messages such as 1000=Hi; or list; or open PATH, for what is pinned'

await loader(about, options, async (run) => {
  const { attach, pin: path, bytes } = run.options
  const [first, second] = run.words
  const kernel = new Kernel(({ text, result, attr }) => {
    run.say(`${text} = ${result}`)
    if (bytes) for (const line of attr?.describe() ?? []) run.say(line)
  })
  const quiet = new Kernel() // for calls that are made again and again
  const show: Show = (text, record) => run.event(text, record)
  if (first === 'list') return showAll(bytes ? kernel : quiet, show)
  if (first === 'open') return showPinned(kernel, second, show)
  const way = WAYS.find((one) => one === attach)
  if (!way) throw new UsageError(`--attach takes ${WAYS.join(', ')}, and got '${attach}'.`)
  const messages = firstMessages(run.words)

  using hello = loadHello(kernel, way)
  if (bytes) run.say(disassembleProgram(decodeInsns(hello.instructions)))
  for (const [uid, text] of messages) update(kernel, hello.config, uid, text)
  if (path !== undefined) pin(kernel, hello.program, path)
  using attachment = attachHello(kernel, hello.program, way)
  const { id, instructions } = programInfo(kernel, hello.program)
  const loaded = hello.instructions.length / 8
  run.say(`Program ${id}: ${loaded} instructions loaded, ${instructions} after the verifier.`)
  run.say('Tracing execve: pid, message. Ctrl-C stops and detaches.')

  for (const known = new Map<number, string>(); ;) {
    await delay(1000, undefined, { signal: run.signal })
    for (const [pid, message] of lookupBatch(quiet, hello.greeted, 4096)) {
      if (known.get(pid) !== message) run.event(`${pid} ${message}`, { pid, message })
      known.set(pid, message)
    }
  }
})
