import { readFileSync } from 'node:fs'
import { test, waitUntil } from '@ebpf-labs/harness'
import { VerifierError, objectIds, parseElf, xlated } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { compare, countOf, instructionsOf } from './anatomy.ts'
import { deep_stack } from './build/deep-stack.skel.ts'
import { hello_aborted } from './build/hello-aborted.skel.ts'
import { hello_func } from './build/hello-func.skel.ts'
import { hello } from './build/hello.skel.ts'

const loader = [process.execPath, `${import.meta.dirname}/hello.ts`]
const ping = (count: number, address: string) => {
  return ['ping', '-q', '-c', `${count}`, '-i', '0.01', '-W', '1', address]
}

test('the instruction counts of llvm-objdump, of the file, of info and of xlated agree', async ({
  exec,
}) => {
  const argv = ['llvm-objdump', '-d', '--no-show-raw-insn', hello.object.pathname]
  const { stdout } = await exec(argv)
  const numbers = [...stdout.matchAll(/^ +(\d+):\t/gm)].map(([, number]) => Number(number))
  expect(stdout.trimEnd()).toMatch(/\texit$/) // one slot, so the next number is the count
  const count = (numbers.at(-1) ?? 0) + 1

  using skel = hello.open().load()
  const file = instructionsOf(parseElf(readFileSync(hello.object)))
  const loaded = xlated(skel.programs.hello)
  expect(countOf(file)).toBe(count)
  expect(skel.programs.hello.info().xlatedSize / 8).toBe(count)
  expect(countOf(loaded.insns)).toBe(count)

  const pairs = compare(file, loaded)
  expect(pairs.map(({ number }) => number)).toEqual(numbers)
  expect(pairs.at(-1)).toEqual({ number: 10, file: 'exit', kernel: 'exit' })
  // Where the verifier changed their number, the n-th of one is not the n-th of the other.
  const others = compare(file.slice(1), loaded)
  expect(others.map((pair) => pair.file)).toEqual(pairs.map(() => ''))
})

test('the same source has the same tag each time, another one has another', () => {
  using first = hello.open().load()
  using second = hello.open().load()
  using aborted = hello_aborted.open().load()
  const [a, b, c] = [first, second, aborted].map(({ programs }) => programs.hello.info())
  expect(a?.tag).toMatch(/^[0-9a-f]{16}$/)
  expect(b?.tag).toBe(a?.tag)
  expect(b?.id).not.toBe(a?.id)
  expect(b?.mapIds).not.toEqual(a?.mapIds)
  expect(c?.tag).not.toBe(a?.tag)
})

test('what is in the maps does not count for the tag', () => {
  const tags = [1, 2].map((pid) => {
    using spec = hello_func.open()
    spec.data.rodata.target_pid = pid
    using skel = spec.load()
    return skel.programs.hello.info().tag
  })
  expect(tags[1]).toBe(tags[0])
})

test('hello passes a packet on, and hello-aborted aborts', () => {
  using pass = hello.open().load()
  using aborted = hello_aborted.open().load()
  const data = new Uint8Array(64)
  expect(pass.programs.hello.testRun({ data }).retval).toBe(2) // XDP_PASS
  expect(aborted.programs.hello.testRun({ data }).retval).toBe(0) // XDP_ABORTED
  expect([pass.data.bss.counter, aborted.data.bss.counter]).toEqual([1n, 1n])
})

test(
  'the counter grows by exactly one for each of 23 packets, and no more after detaching',
  { timeout: 60_000 },
  async ({ network, pinFolder, trace }) => {
    const { left, right } = await network()
    const pin = `${pinFolder}/hello`
    using skel = hello.open().load()
    skel.programs.hello.pin(pin)
    using lines = trace({ text: /^Hello World \d+$/ })

    await left.exec(ping(3, right.ipv4)) // not attached yet
    expect(skel.data.bss.counter).toBe(0n)
    await right.exec(['bpftool', 'net', 'attach', 'xdp', 'pinned', pin, 'dev', right.device])
    const { stdout } = await left.exec(ping(23, right.ipv4))
    expect(stdout).toContain('23 packets transmitted, 23 received, 0% packet loss')
    expect(skel.data.bss.counter).toBe(23n)
    const said = await lines.take(23)
    const numbers = Array.from({ length: 23 }, (_, n) => `Hello World ${n}`)
    expect(said.map(({ text }) => text)).toEqual(numbers)

    await right.exec(['bpftool', 'net', 'detach', 'xdp', 'dev', right.device])
    await left.exec(ping(5, right.ipv4))
    expect(skel.data.bss.counter).toBe(23n)
  },
)

test('a program stays as long as a process, a pin or an interface holds it', async ({
  network,
  pinFolder,
}) => {
  const { right } = await network()
  const pin = `${pinFolder}/hello`
  const skel = hello.open().load()
  const { id, mapIds } = skel.programs.hello.info()
  const exists = () => [...objectIds('prog')].includes(id)
  skel.programs.hello.pin(pin)
  skel[Symbol.dispose]()
  expect(exists()).toBe(true)

  await right.exec(['bpftool', 'net', 'attach', 'xdp', 'pinned', pin, 'dev', right.device])
  await right.exec(['rm', pin])
  const shown = await right.exec(['ip', 'link', 'show', 'dev', right.device])
  expect(shown.stdout).toContain(`prog/xdp id ${id} `)
  expect(exists()).toBe(true)

  await right.exec(['ip', 'link', 'set', 'dev', right.device, 'xdp', 'off'])
  await waitUntil('the program to be gone', () => !exists())
  const maps = () => [...objectIds('map')].filter((mapId) => mapIds.includes(mapId))
  await waitUntil('its maps to be gone', () => maps().length === 0)
})

test('a missing interface, and a second program on one, end in a message with a next step', async ({
  exec,
}) => {
  await exec(['ip', 'link', 'add', 'ch3-a', 'type', 'veth', 'peer', 'name', 'ch3-b'])
  try {
    using skel = hello.open().load()
    const { hello: program } = skel.programs
    expect(() => program.attachXdp('ch3-c')).toThrow(
      /there is no such interface.*\n.*'ch3-.'.*ip link/,
    )
    using _link = program.attachXdp('ch3-a')
    expect(() => program.attachXdp('ch3-a')).toThrow(
      /has an XDP program already, and takes only one.*\nDetach that one first.*bpftool net list/,
    )
  } finally {
    await exec(['ip', 'link', 'delete', 'ch3-a'])
  }
})

test('two functions of 256 bytes of stack fit, a little more does not', () => {
  using skel = deep_stack.open({ logLevel: 4 }).load()
  expect(skel.programs.fits.testRun({ data: new Uint8Array(64) }).retval).toBe(2)
  expect(skel.logs.get('fits')).toMatch(/^stack depth 256\+256\b/m)

  using other = deep_stack.open()
  other.programs.fits.autoload = false
  other.programs.too_deep.autoload = true
  let error: unknown
  try {
    using _loaded = other.load()
  } catch (thrown) {
    error = thrown
  }
  if (!(error instanceof VerifierError)) throw new Error('too_deep was not rejected')
  expect(error.log).toMatch(/^combined stack size of 2 calls is \d+\. Too large$/m)
})

test(
  'the loader shows the anatomy, and counts the packets of lo',
  { timeout: 90_000 },
  async ({ network }) => {
    const { left } = await network()
    const program = await left.run([...loader, '--json']) // --interface lo by default
    await program.line('Attached to lo', 60_000)
    await left.exec(ping(3, left.ipv4)) // requests and replies
    await program.line('{"packets":6}')
    expect(await program.interrupt()).toMatchObject({ code: 0 })

    const records = program.stdout
      .trimEnd()
      .split('\n')
      .map((line): object => JSON.parse(line))
    const [sections, loaded, instructions, ...counts] = records
    expect(sections).toMatchObject({
      sections: expect.arrayContaining([
        { name: 'xdp', bytes: 88, about: 'hello(), 11 instructions' },
        { name: '.bss', bytes: 8, about: 'counter' },
      ]),
    })
    expect(loaded).toMatchObject({
      program: {
        type: 'xdp',
        instructions: { file: 11, kernel: 11 },
        maps: [{ name: 'hello.bss' }, { name: 'hello.rodata' }],
      },
    })
    expect(instructions).toMatchObject({
      instructions: expect.arrayContaining([
        {
          number: 0,
          file: 'r6 = 0x0',
          kernel: expect.stringMatching(/^r6 = map\[id:\d+]\[0]\+0$/),
        },
      ]),
    })
    expect(counts[0]).toEqual({ packets: 0 })
    expect(counts.at(-1)).toEqual({ packets: 6 })
  },
)
