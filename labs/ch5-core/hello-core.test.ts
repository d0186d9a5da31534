import { afterAll, expect } from 'vitest'
import { execFromThread, test } from '@ebpf-labs/harness'
import { hello_core } from './build/hello-core.skel.ts'

/** A user id that nobody else in the machine has. */
const ownUser = { uid: 300_000 + process.pid, gid: 300_000 }
const HELLO = 'Hello World'

/** A shell that starts /bin/true again and again, each time as a new process. */
const startsTrue = (times: number) => [
  '/bin/sh',
  '-c',
  `n=0; while [ $n -lt ${times} ]; do /bin/true; n=$((n + 1)); done`,
]

const skel = hello_core.open().load()
afterAll(() => skel.close())

/** Traces until it is closed; only events of this test's own user are looked at. */
function traced(options: { pages?: number } = {}) {
  const events = skel.maps.events.open(options)
  const links = skel.attach()
  const all = () => events.read().flatMap(({ event }) => event ?? [])
  return {
    all,
    own: () => all().filter(({ uid }) => uid === ownUser.uid),
    [Symbol.dispose]() {
      links.close()
      events.close()
    },
  }
}

function partition<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))]
}

test('each execve sends pid, user, name and path, once', async ({ exec }) => {
  using tracing = traced()
  const shell = await exec(startsTrue(23), { user: ownUser })
  // Each CPU has a buffer of its own, so the shell's event need not be read first.
  const [ofShell, children] = partition(tracing.own(), ({ pid }) => pid === shell.pid)
  expect(ofShell).toMatchObject([{ path: '/bin/sh', path_size: 8 }])
  expect(children).toHaveLength(23)
  expect(new Set(children.map(({ pid }) => pid)).size).toBe(23)
  // At the entry of execve the child is still a copy of the shell.
  for (const child of children)
    expect(child).toMatchObject({ comm: 'sh', path: '/bin/true', path_size: 10, message: HELLO })
})

test('a second thread of a process has the pid of its process', async () => {
  using tracing = traced()
  const path = `/none/${process.pid}` as const
  await execFromThread(path)
  const seen = tracing.all().filter((event) => event.path === path)
  expect(seen.map(({ pid }) => pid)).toEqual([process.pid])
})

test('a user says what the map has for him, and everyone else what .data has, both changed live', async ({
  exec,
}) => {
  using tracing = traced()
  const said = async () => {
    await exec(['/bin/true'], { user: ownUser })
    return tracing.own().map(({ message }) => message)
  }
  expect(await said()).toEqual([HELLO])
  skel.maps.messages.set(ownUser.uid + 1, { text: 'not for him' })
  skel.data.data.everybody = { text: 'Hi everybody' } // 12 bytes: it just fits
  expect(await said()).toEqual(['Hi everybody'])
  skel.maps.messages.set(ownUser.uid, { text: 'Hi you' })
  expect(await said()).toEqual(['Hi you'])
  skel.maps.messages.delete(ownUser.uid)
  expect(await said()).toEqual(['Hi everybody'])
})

test('a path that is too long is cut, and one that cannot be read is an error, not an empty path', async ({
  exec,
}) => {
  using tracing = traced()
  const long = `/tmp/${'x'.repeat(80)}`
  await exec(['/bin/sh', '-c', `${long}; true`], { user: ownUser })
  expect(tracing.own()).toContainEqual(
    expect.objectContaining({ path: long.slice(0, 63), path_size: 64 }),
  )
  const execve = process.arch === 'arm64' ? 221 : 59 // asm/unistd.h
  await exec(['/usr/bin/perl', '-e', `syscall(${execve}, 4096, 0, 0)`], { user: ownUser })
  const EFAULT = 14
  expect(tracing.own()).toContainEqual(
    expect.objectContaining({ comm: 'perl', path: '', path_size: -EFAULT }),
  )
})

test('a message that does not fit is refused, not cut', () => {
  using spec = hello_core.open()
  expect(() => {
    spec.data.data.everybody = { text: 'thirteen here' }
  }).toThrow(/message\.text.*at most 12 bytes/)
})

test('events that find no room are counted', async ({ exec }) => {
  using tracing = traced({ pages: 1 }) // room for some 30 on a CPU, and nobody reads
  const before = Number(skel.data.bss.lost)
  const sent = 37
  await exec(['/usr/bin/taskset', '-c', '0', ...startsTrue(sent)], { user: ownUser })
  const own = tracing.own()
  expect(own.length).toBeLessThan(sent)
  expect(Number(skel.data.bss.lost) - before).toBeGreaterThanOrEqual(sent - own.length)
})
