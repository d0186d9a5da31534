import { bpftool, execFromThread, execs, secondUser, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_config } from './build/hello-config.skel.ts'
import { firstMessages, parseMessages, writeMessages } from './messages.ts'

/** A user id that nobody else in the machine has. */
const stranger = { uid: 300_000 + process.pid, gid: 300_000 }

/** Loads one of the two programs of the object, with the messages that the loader starts with. */
function load(hook: 'hello_config' | 'hello_raw') {
  const stack = new DisposableStack()
  const spec = stack.use(hello_config.open())
  spec.programs.hello_config.autoload = hook === 'hello_config'
  spec.programs.hello_raw.autoload = hook === 'hello_raw'
  const skel = stack.use(spec.load())
  writeMessages(skel.maps.config, firstMessages([]))
  const events = stack.use(skel.maps.events.open())
  stack.use(skel.attach())
  const messages = (pids: readonly number[]) =>
    events.read().flatMap(({ event }) => (event && pids.includes(event.pid) ? [event] : []))
  return { skel, messages, [Symbol.dispose]: () => stack.dispose() }
}

test.for(['hello_config', 'hello_raw'] as const)(
  '%s: root and user 1000 read a message of their own, everyone else Hello World',
  async (hook) => {
    using hello = load(hook)
    const root = await execs(hook === 'hello_config' ? 23 : 5)
    const [user] = await execs(1, ['/bin/true'], { user: secondUser })
    const [other] = await execs(1, ['/bin/true'], { user: stranger })
    const seen = hello.messages([...root, user!, other!])
    const comm = expect.any(String)
    // Each CPU has a buffer of its own, so they need not be read in the order of their making.
    expect(seen.toSorted((a, b) => a.pid - b.pid)).toEqual([
      ...root.map((pid) => ({ pid, uid: 0, comm, message: { text: 'Hey root!' } })),
      { pid: user, uid: 1000, comm, message: { text: 'Hi user 1000!' } },
      { pid: other, uid: stranger.uid, comm, message: { text: 'Hello World' } },
    ])
  },
)

test('a second thread of a process has the pid of its process', async () => {
  using hello = load('hello_config')
  await execFromThread('/none')
  expect(hello.messages([process.pid])).toMatchObject([{ pid: process.pid }])
})

test('what user space writes into the map is in the next event', async () => {
  using hello = load('hello_config')
  const { config } = hello.skel.maps
  const next = async () => hello.messages(await execs(1, ['/bin/true'], { user: stranger }))[0]
  expect(await next()).toMatchObject({ message: { text: 'Hello World' } })
  config.set(stranger.uid, { text: 'fifteen letters' })
  expect(await next()).toMatchObject({ message: { text: 'fifteen letters' } })

  const key = Buffer.from(Uint32Array.of(stranger.uid).buffer)
  const value = Buffer.from('from bpftool'.padEnd(16, '\0'))
  const hex = (bytes: Buffer) => [...bytes].map((byte) => `0x${byte.toString(16)}`)
  const args = ['map', 'update', 'id', `${config.info().id}`]
  await bpftool(...args, 'key', ...hex(key), 'value', ...hex(value))
  expect(await next()).toMatchObject({ message: { text: 'from bpftool' } })

  writeMessages(config, parseMessages([`${stranger.uid}=`]))
  expect(await next()).toMatchObject({ message: { text: 'Hello World' } })
})

test('the name is that of the process that calls execve; after it, at the raw tracepoint, the new one', async ({
  exec,
}) => {
  const shell = ['/bin/sh', '-c', 'exec /bin/true']
  using before = load('hello_config')
  using after = load('hello_raw')
  const { pid } = await exec(shell)
  const names = (seen: { comm: string }[]) => new Set(seen.map(({ comm }) => comm))
  expect(names(before.messages([pid]))).toEqual(new Set(['node-MainThread', 'sh']))
  expect(names(after.messages([pid]))).toEqual(new Set(['sh', 'true']))
})

test('events that find no room are counted', async () => {
  using spec = hello_config.open()
  spec.programs.hello_raw.autoload = false
  using skel = spec.load()
  using links = skel.attach() // nobody opened the buffers
  await execs(3)
  expect(skel.data.bss.lost).toBeGreaterThanOrEqual(3n)
})

test.for([
  ['Hi', "expected a user id and its message, such as 1000=Hi, got 'Hi'"],
  ['root=Hi', "'root' is no user id: expected a whole number"],
  ['-1=Hi', "'-1' is no user id"],
  ['4294967295=Hi', "'4294967295' is no user id"], // (uid_t)-1 stands for no user
  ['1000=sixteen letters!', 'too long: 16 bytes, and the map has room for 15'],
  ['1000=fünfzehn Letter', 'too long: 16 bytes'],
] as const)('the words %s are refused', ([word, message]) => {
  expect(() => parseMessages([word])).toThrow(message)
})
