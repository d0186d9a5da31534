import { readFileSync } from 'node:fs'
import { bpftool, secondUser, test } from '@ebpf-labs/harness'
import { describe, expect } from 'vitest'
import { type exec_event, hello_verifier } from './build/hello-verifier.skel.ts'

const node = process.execPath
const loader = new URL('hello-verifier.ts', import.meta.url).pathname
const HELLO = 'Hello World'

type HelloVerifier = ReturnType<ReturnType<typeof hello_verifier.open>['load']>

/** The events of some processes, by their number: each CPU has a buffer of its own. The rest of the machine makes events, too. */
async function eventsOf(skel: HelloVerifier, start: () => Promise<number[]>) {
  using reader = skel.maps.events.open({ signal: AbortSignal.timeout(60_000) })
  using _link = skel.programs.trace_exec.attach()
  const pids = await start()
  const found: exec_event[] = []
  for await (const { event, lost } of reader) {
    expect(lost).toBe(0)
    if (event && pids.includes(event.pid)) found.push(event)
    if (found.length === pids.length) break
  }
  found.sort((a, b) => a.counter - b.counter)
  expect(new Set(found.map(({ pid }) => pid))).toEqual(new Set(pids))
  return found
}

describe('trace_exec', () => {
  test(
    'sends who started a program, once for each of 23',
    { timeout: 90_000 },
    async ({ execs }) => {
      using skel = hello_verifier.open().load()
      const events = await eventsOf(skel, () => execs(23))
      // The name is still that of the thread that forked.
      const command = readFileSync('/proc/thread-self/comm', 'utf8').trim()
      for (const event of events)
        expect(event).toMatchObject({ uid: 0, command, message: { text: HELLO } })
    },
  )

  test(
    'numbers the starts from 1 on, and sends a letter as long as there is one',
    { timeout: 90_000 },
    async ({ execs }) => {
      using skel = hello_verifier.open().load()
      const events = await eventsOf(skel, () => execs(23))
      const [first] = events
      expect(first?.counter).toBeGreaterThanOrEqual(1)
      for (const [n, { counter, letter }] of events.entries()) {
        if (n > 0) expect(counter).toBeGreaterThan(events[n - 1]?.counter ?? 0)
        expect(letter).toBe(counter < HELLO.length ? HELLO.charCodeAt(counter) : 0)
      }
      expect(events.at(-1)?.letter).toBe(0)
    },
  )

  test('sends a user’s own message, and hello to everyone else', async ({ execs }) => {
    using skel = hello_verifier.open().load()
    skel.maps.messages.set(secondUser.uid, { text: 'just for you' })
    const events = await eventsOf(skel, async () => [
      ...(await execs(1)),
      ...(await execs(1, ['/bin/true'], { user: { uid: secondUser.uid, gid: 4321 } })),
    ])
    expect(events).toMatchObject([
      { uid: 0, message: { text: HELLO } },
      // libuv changes the user before it calls execve.
      { uid: secondUser.uid, message: { text: 'just for you' } },
    ])
  })
})

describe('count_packets', () => {
  const packet = (type: number, size = 60) => {
    const data = new Uint8Array(size)
    new DataView(data.buffer).setUint16(12, type) // network byte order
    return data
  }

  test('counts IPv4, IPv6 and the rest, and lets everything pass', () => {
    using skel = hello_verifier.open().load()
    const kinds = [...Array(5).fill(0x0800), ...Array(7).fill(0x86dd), ...Array(11).fill(0x0806)]
    for (const kind of kinds)
      expect(skel.programs.count_packets.testRun({ data: packet(kind) }).retval).toBe(2)
    expect([...skel.data.bss.packets]).toEqual([5n, 7n, 11n])
  })

  test('counts a packet that is an Ethernet header and nothing more', () => {
    using skel = hello_verifier.open().load()
    expect(skel.programs.count_packets.testRun({ data: packet(0x0800, 14) }).retval).toBe(2)
    expect([...skel.data.bss.packets]).toEqual([1n, 0n, 0n])
  })
})

describe('the loader', () => {
  test(
    'prints a line per program start, counts packets, and has its interface for itself',
    {
      timeout: 180_000,
    },
    async ({ execs, network }) => {
      const { left, right } = await network()
      const program = await right.run([node, loader, '--interface', right.device])
      await program.line('Ctrl-C', 60_000) // software emulation is slow
      for (let n = 0; n < 23; n++) {
        const address = n % 2 === 0 ? right.ipv4 : right.ipv6
        await left.exec(['bash', '-c', `: < /dev/tcp/${address}/9`])
      }
      const [pid] = await execs(1)
      await program.line(new RegExp(`^${pid} \\S+, user 0: Hello root, start \\d+, `))

      const second = await right.exec([node, loader, '--interface', right.device], {
        deadline: 60_000,
      })
      expect(second.code).toBe(1)
      expect(second.stderr).toMatch(/^error: .*to-left/m)
      expect(second.stderr).not.toContain('    at ')

      const { code, stderr } = await program.interrupt()
      expect(code).toBe(0)
      expect(stderr).toContain(`Packets on ${right.device}: 12 IPv4, 11 IPv6, 0 other.`)
      const programs = await bpftool<{ pids?: { pid: number }[] }[]>('prog', 'list')
      expect(
        programs.filter(({ pids }) => pids?.some(({ pid: id }) => id === program.pid)),
      ).toEqual([])
    },
  )
})
