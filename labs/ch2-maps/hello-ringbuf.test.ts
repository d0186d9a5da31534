import { openSync } from 'node:fs'
import { open as openAsync } from 'node:fs/promises'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_ringbuf, syscall } from './build/hello-ringbuf.skel.ts'
import { holdCommand } from './command.ts'
import { numberOf, syscallNumbers } from './syscall-numbers.ts'

const loader = [process.execPath, `${import.meta.dirname}/hello-ringbuf.ts`]
const prefix = `/labs-ch2-${process.pid}-`

/** Tries to open files that do not exist: openat is called all the same. */
function open(names: readonly string[]): void {
  for (const name of names) expect(() => openSync(name, 'r')).toThrow('ENOENT')
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`)

test('each openat sends the name of the file, in the order of the calls', () => {
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  open(names(23))
  const own = events.read().filter(({ filename }) => filename.startsWith(prefix))
  expect(own.map(({ filename }) => filename)).toEqual(names(23))
  for (const event of own) {
    expect(event).toMatchObject({ syscall: syscall.SYSCALL_OPENAT, pid: process.pid })
    expect(event.filename_size).toBe(event.filename.length + 1)
  }
})

test('the pid is that of the process, whichever of its threads opens the file', async () => {
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  // Node opens it in a thread of its pool, which has an id of its own.
  await expect(openAsync(`${prefix}thread`)).rejects.toThrow('ENOENT')
  const own = events.read().filter(({ filename }) => filename === `${prefix}thread`)
  expect(own).toMatchObject([{ pid: process.pid }])
})

test('execve sends the name of the program, and the name of the process is still the old one', async () => {
  using command = await holdCommand(['/bin/true'])
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = command?.pid ?? 0
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  await new Promise<void>((ended) => command?.go(ended))
  const [first, second] = events.read()
  expect(first).toMatchObject({
    ...{ syscall: syscall.SYSCALL_EXECVE, pid: command?.pid, comm: 'sh', filename: '/bin/true' },
  })
  // The loader of the new program opens its libraries.
  expect(second).toMatchObject({ syscall: syscall.SYSCALL_OPENAT, comm: 'true' })
})

test('only the process that was asked for sends events', async ({ exec }) => {
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  await exec(['/bin/true'])
  open(names(1))
  const pids = new Set(events.read().map(({ pid }) => pid))
  expect([...pids]).toEqual([process.pid])
})

test('without a pid all processes send events', async ({ exec }) => {
  using spec = hello_ringbuf.open()
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  const { pid } = await exec(['/bin/true'])
  const own = events.read().filter((event) => event.pid === pid)
  expect(own[0]).toMatchObject({ syscall: syscall.SYSCALL_EXECVE, filename: '/bin/true' })
})

test('a full ring takes no more events, and the program counts what it could not send', () => {
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = process.pid
  spec.maps.events.maxEntries = 4096 // room for 13 events of 284 bytes and their headers of 8
  using skel = spec.load()
  const drops: number[] = []
  using events = skel.maps.events.open({
    dropped: () => skel.data.bss.lost,
    onDrop: (count) => drops.push(count),
  })
  using links = skel.attach()
  open(names(23))
  const received = events.read()
  const own = received.filter(({ filename }) => filename.startsWith(prefix))
  expect(received).toHaveLength(13)
  expect(own.map(({ filename }) => filename)).toEqual(names(own.length))
  expect(Number(skel.data.bss.lost)).toBeGreaterThanOrEqual(23 - own.length)
  expect(drops).toEqual([Number(skel.data.bss.lost)])
})

test('a name that cannot be read comes as an error, not as an empty name', async () => {
  const openat = numberOf(syscallNumbers(), 'openat')
  using command = await holdCommand(['/usr/bin/perl', '-e', `syscall(${openat}, -100, 4096, 0)`])
  using spec = hello_ringbuf.open()
  spec.data.rodata.target_pid = command?.pid ?? 0
  using skel = spec.load()
  using events = skel.maps.events.open()
  using links = skel.attach()
  await new Promise<void>((ended) => command?.go(ended))
  const EFAULT = 14
  expect(events.read().at(-1)).toMatchObject({ comm: 'perl', filename_size: -EFAULT })
})

test('the loader shows all processes until Ctrl-C, as JSON', async ({ run, exec }) => {
  const program = await run([...loader, '--json'])
  await program.line('Ctrl-C stops')
  const { pid } = await exec(['/bin/true'])
  const event: unknown = JSON.parse(await program.line(new RegExp(`"pid":${pid},.*"execve"`)))
  expect(event).toMatchObject({ pid, call: 'execve', filename: '/bin/true' })
  expect(await program.interrupt()).toMatchObject({ code: 0 })
})
