/** Prints files opened and programs started, by a ring buffer. */
import { loader } from '@ebpf-labs/harness/loader'
import { hello_ringbuf } from './build/hello-ringbuf.skel.ts'
import type { event } from './build/hello-ringbuf.skel.ts'
import { holdCommand } from './command.ts'

const names = ['openat', 'execve']

await loader('files that are opened and programs that are started', {}, async (run) => {
  using command = await holdCommand(run.words)
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = command?.pid ?? 0
  using skel = spec.load()
  using events = skel.maps.events.open({
    signal: run.signal,
    dropped: () => skel.data.bss.lost,
    onDrop: (lost) => run.event(`${lost} events lost: the ring was full`, { lost }),
  })
  using links = skel.attach()

  const show = ({ syscall, pid, comm, filename, filename_size }: event) => {
    const name = filename_size < 0 ? '(its name was not in memory yet)' : filename
    const call = names[syscall] ?? syscall
    run.event(`${pid} ${comm} ${call} ${name}`, {
      pid,
      comm,
      call,
      filename: filename_size < 0 ? null : filename,
    })
  }
  run.say(
    `Tracing openat and execve${command ? ' of one command' : ''}. Ctrl-C stops and detaches.`,
  )
  command?.go(() => {
    events.read().forEach(show)
    events.close()
  })
  for await (const event of events) show(event)
})
