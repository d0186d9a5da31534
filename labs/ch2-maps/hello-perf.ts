/** Prints who starts a program, through a perf buffer. */
import { loader } from '@ebpf-labs/harness/loader'
import { hello_perf } from './build/hello-perf.skel.ts'

const options = {
  even: { type: 'string', value: 'TEXT', help: 'what processes with an even pid say' },
  odd: { type: 'string', value: 'TEXT', help: 'what processes with an odd pid say' },
  pages: { type: 'string', default: '64', help: 'pages of memory per CPU: a power of two' },
} as const

await loader('pid, user, name and message of whoever calls execve', options, async (run) => {
  const { even, odd, pages } = run.options

  using spec = hello_perf.open()
  if (even !== undefined) spec.data.rodata.even_message = even
  if (odd !== undefined) spec.data.rodata.odd_message = odd
  using skel = spec.load()
  using events = skel.maps.events.open({ pages: Number(pages), signal: run.signal })
  using links = skel.attach()

  run.say('Tracing execve: pid, user id, name, message. Ctrl-C stops and detaches.')
  for await (const { event, lost, cpu } of events) {
    if (event === undefined)
      run.event(`CPU ${cpu} lost ${lost} events: its buffer was full`, { cpu, lost })
    else run.event(`${event.pid} ${event.uid} ${event.comm} ${event.message}`, { ...event })
  }
})
