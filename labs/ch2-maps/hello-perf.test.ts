import { execs, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_perf } from './build/hello-perf.skel.ts'
import { allowedCpus } from './doorbell.ts'

/** A user id that nobody else in the machine has. */
const ownUser = { uid: 200_000 + process.pid, gid: 200_000 }

/** A shell that starts /bin/true again and again, each time as a new process. */
const startsTrue = (times: number) => [
  '/bin/sh',
  '-c',
  `n=0; while [ $n -lt ${times} ]; do /bin/true; n=$((n + 1)); done`,
]

test('each execve sends its pid, user id and the name of the process that calls it', async ({
  exec,
}) => {
  using spec = hello_perf.open()
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  const shell = await exec(startsTrue(23), { user: ownUser })
  const own = events.read().flatMap(({ event }) => (event?.uid === ownUser.uid ? [event] : []))
  expect(own.filter(({ pid }) => pid === shell.pid)).toHaveLength(1)
  const children = own.filter(({ pid }) => pid !== shell.pid)
  expect(children).toHaveLength(23)
  expect(new Set(children.map(({ pid }) => pid)).size).toBe(23)
  // At the entry of execve the child is still a copy of the shell.
  for (const child of children) expect(child).toMatchObject({ comm: 'sh', message: 'Hello World' })
})

test('processes with an odd pid say something else than those with an even pid', async () => {
  using spec = hello_perf.open()
  spec.data.rodata.even_message = 'an even pid'
  spec.data.rodata.odd_message = 'of an odd number' // 16 bytes: it just fits
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  const pids = new Set(await execs(23))
  const own = events.read().flatMap(({ event }) => (event && pids.has(event.pid) ? [event] : []))
  expect(own).toHaveLength(23)
  for (const { pid, message } of own)
    expect(message).toBe(pid % 2 === 0 ? 'an even pid' : 'of an odd number')
})

test('a message that does not fit is refused, not cut', () => {
  using spec = hello_perf.open()
  expect(() => {
    spec.data.rodata.odd_message = 'seventeen letters'
  }).toThrow(/odd_message.*at most 16 bytes/)
})

test('events that find no room are counted by the program, and reported by the buffer', async ({
  exec,
}) => {
  using spec = hello_perf.open()
  using skel = spec.load()
  using events = skel.maps.events.open({ pages: 1 })
  using links = skel.attach()
  // 4096 bytes are room for 64 events or fewer on each CPU, and nobody reads.
  const sent = 1 + 64 * allowedCpus().length + 23
  await exec(startsTrue(sent - 1), { user: ownUser })
  const own = events.read().filter(({ event }) => event?.uid === ownUser.uid)
  const { lost } = skel.data.bss
  expect(Number(lost)).toBeGreaterThanOrEqual(sent - own.length)
  expect(own.length).toBeLessThan(sent)

  // The kernel reports a loss with the next event that finds room, on the CPU that lost.
  for (const cpu of allowedCpus()) await exec(['/usr/bin/taskset', '-c', String(cpu), '/bin/true'])
  events.read()
  expect(events.lost).toBe(Number(lost))
})
