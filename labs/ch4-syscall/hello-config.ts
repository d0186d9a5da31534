/** Prints who starts a program, with a message by user. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hello_config } from './build/hello-config.skel.ts'
import { firstMessages, writeMessages } from './messages.ts'

const options = {
  hook: { type: 'string', value: 'HOOK', default: 'kprobe', help: 'kprobe or raw_tp' },
} as const

await loader('pid, user, name and message of whoever calls execve', options, async (run) => {
  const { hook } = run.options
  const messages = firstMessages(run.words)
  if (hook !== 'kprobe' && hook !== 'raw_tp')
    throw new UsageError(`--hook takes kprobe or raw_tp, and got '${hook}'.`)

  using spec = hello_config.open()
  spec.programs.hello_config.autoload = hook === 'kprobe'
  spec.programs.hello_raw.autoload = hook === 'raw_tp'
  using skel = spec.load()
  writeMessages(skel.maps.config, messages)
  using events = skel.maps.events.open({ signal: run.signal })
  using links = skel.attach()

  run.say('Tracing execve: pid, user id, name, message. Ctrl-C stops and detaches.')
  for await (const { event, lost, cpu } of events) {
    if (event === undefined)
      run.event(`CPU ${cpu} lost ${lost} events: its buffer was full`, { cpu, lost })
    else {
      const { pid, uid, comm, message } = event
      run.event(`${pid} ${uid} ${comm} ${message.text}`, { pid, uid, comm, message: message.text })
    }
  }
})
