/** Does the same as hello-config through a ring buffer. */
import { loader } from '@ebpf-labs/harness/loader'
import { hello_ringbuf_config } from './build/hello-ringbuf-config.skel.ts'
import { firstMessages, writeMessages } from './messages.ts'

await loader('pid, user, name and message of whoever calls execve', {}, async (run) => {
  const messages = firstMessages(run.words)

  using skel = hello_ringbuf_config.open().load()
  writeMessages(skel.maps.config, messages)
  using events = skel.maps.events.open({
    signal: run.signal,
    dropped: () => skel.data.bss.lost,
    onDrop: (lost) => run.event(`${lost} events lost: the ring was full`, { lost }),
  })
  using links = skel.attach()

  run.say('Tracing execve: pid, user id, name, message. Ctrl-C stops and detaches.')
  for await (const { pid, uid, comm, message } of events)
    run.event(`${pid} ${uid} ${comm} ${message.text}`, { pid, uid, comm, message: message.text })
})
