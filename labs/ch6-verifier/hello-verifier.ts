/** Prints who starts a program, with a message for root, and counts the packets of an interface. */
import { loader } from '@ebpf-labs/harness/loader'
import { hello_verifier } from './build/hello-verifier.skel.ts'

const options = {
  interface: { type: 'string', value: 'NAME', default: 'lo', help: 'whose packets to count' },
  root: { type: 'string', value: 'TEXT', default: 'Hello root', help: 'message of user 0' },
} as const

await loader('program starts and packets, checked all the way', options, async (run) => {
  const device = run.options.interface

  using spec = hello_verifier.open()
  using skel = spec.load()
  skel.maps.messages.set(0, { text: run.options.root })
  using events = skel.maps.events.open({ signal: run.signal })
  using _exec = skel.programs.trace_exec.attach()
  using _xdp = skel.programs.count_packets.attachXdp(device)

  run.say(`Both programs passed the verifier. Tracing execve, and packets on ${device}.`)
  run.say('Ctrl-C stops and detaches.')
  for await (const { event, lost } of events) {
    if (event === undefined) {
      run.say(`${lost} events lost: the buffer was full.`)
      continue
    }
    const { pid, uid, counter, command } = event
    const letter = event.letter === 0 ? '' : String.fromCharCode(event.letter)
    const message = event.message.text
    run.event(
      `${pid} ${command}, user ${uid}: ${message}, start ${counter}, ${letter ? `letter ${letter}` : 'no letter'}`,
      { pid, uid, counter, letter, command, message },
    )
  }
  const [ipv4, ipv6, other] = skel.data.bss.packets
  run.say(`Packets on ${device}: ${ipv4} IPv4, ${ipv6} IPv6, ${other} other.`)
})
