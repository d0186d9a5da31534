import { execFromThread, execs, kernelTooOld, secondUser, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_ringbuf_config } from './build/hello-ringbuf-config.skel.ts'
import { firstMessages, writeMessages } from './messages.ts'

/** A user id that nobody else in the machine has. */
const stranger = { uid: 400_000 + process.pid, gid: 400_000 }
const tooOld = kernelTooOld('5.8') // BPF_MAP_TYPE_RINGBUF

test.skipIf(tooOld !== '')(`each user reads their own message${tooOld}`, async () => {
  using skel = hello_ringbuf_config.open().load()
  const { config } = skel.maps
  writeMessages(config, firstMessages([]))
  using events = skel.maps.events.open()
  using links = skel.attach()
  const root = await execs(23)
  const [user] = await execs(1, ['/bin/true'], { user: secondUser })
  const [other] = await execs(1, ['/bin/true'], { user: stranger })
  config.set(stranger.uid, { text: 'written live' })
  const [again] = await execs(1, ['/bin/true'], { user: stranger })
  await execFromThread('/none')
  const pids = [...root, user, other, again, process.pid]
  const own = events.read().filter(({ pid }) => pids.includes(pid))
  expect(own.map(({ pid }) => pid)).toEqual(pids) // in order, whatever the CPU
  expect(own.map(({ uid }) => uid)).toEqual([
    ...Array.from({ length: 23 }, () => 0),
    ...[1000, stranger.uid, stranger.uid, 0],
  ])
  const texts = own.map(({ message }) => message.text)
  expect(new Set(texts.slice(0, 23))).toEqual(new Set(['Hey root!']))
  expect(texts.slice(23, -1)).toEqual(['Hi user 1000!', 'Hello World', 'written live'])
  for (const { comm } of own) expect(comm).not.toBe('')
})

test.skipIf(tooOld !== '')(`events that find no room are counted${tooOld}`, async ({ exec }) => {
  using spec = hello_ringbuf_config.open()
  spec.maps.events.maxEntries = 4096
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  const room = Math.floor(4096 / (8 + 40)) // a record is a header of 8 bytes and the event
  // An execve that fails ends in the next one: no process is made.
  await exec(['/usr/bin/perl', '-e', `no warnings; exec "/none" for 1..${room + 22}`])
  const { lost } = skel.data.bss
  expect(events.read()).toHaveLength(room)
  expect(lost).toBeGreaterThanOrEqual(23n) // perl itself is one more
})
