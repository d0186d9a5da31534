/** Prints who starts which program, with a message of the user's own, on any kernel with BTF. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hello_core } from './build/hello-core.skel.ts'

const options = {
  everybody: { type: 'string', value: 'TEXT', help: 'what everyone says: at most 12 bytes' },
  user: { type: 'string', value: 'UID=TEXT', help: 'what one user says instead' },
  btf: { type: 'string', value: 'FILE', help: 'types of this kernel, if it has none of its own' },
  debug: { type: 'boolean', help: 'print what libbpf says while it opens and loads' },
} as const

await loader('pid, user, name, path and message of whoever calls execve', options, async (run) => {
  const { everybody, btf, debug } = run.options
  const user = run.options.user === undefined ? undefined : userOf(run.options.user)

  using spec = hello_core.open({
    ...(btf !== undefined && { btf }),
    ...(debug && { onMessage: ({ text }) => console.error(text.trimEnd()) }),
  })
  if (everybody !== undefined) spec.data.data.everybody = { text: everybody }
  using skel = spec.load()
  if (user) skel.maps.messages.set(user.uid, { text: user.text })
  using events = skel.maps.events.open({ signal: run.signal })
  using links = skel.attach()

  run.say('Tracing execve. Ctrl-C stops and detaches.')
  for await (const { event, lost, cpu } of events) {
    if (event === undefined) {
      run.event(`CPU ${cpu} lost ${lost} events: its buffer was full`, { cpu, lost })
      continue
    }
    const { pid, uid, comm, path_size, message } = event
    const path = path_size < 0 ? '(its path was not in memory yet)' : event.path
    run.event(`${pid}  ${uid}  ${comm}  ${path}  ${message}`, {
      ...{ pid, uid, comm, path: path_size < 0 ? null : path, message },
    })
  }
})

/** @throws UsageError unless it is a number, an equals sign and a text */
function userOf(words: string): { uid: number; text: string } {
  const [, uid, text] = /^(\d+)=(.*)$/s.exec(words) ?? []
  if (uid !== undefined && text !== undefined && Number(uid) < 2 ** 32)
    return { uid: Number(uid), text }
  throw new UsageError(`--user takes a user id and a text, as in 1000=Hi, and got '${words}'.`)
}
