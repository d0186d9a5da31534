import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BpfObject } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { test } from '../test.ts'
import { parseTraceLine } from './trace-line.ts'
import { tracePipe, type TracePipe } from './trace-pipe.ts'

const object = new URL('../../build/test/bpf/hello.bpf.o', import.meta.url)

/** Writes a line into the pipe's own buffer, from this process. */
function mark({ path }: TracePipe, text: string): void {
  writeFileSync(`${dirname(path)}/trace_marker`, text)
}

test('a line is taken apart', () => {
  expect(
    parseTraceLine(
      '            bash-13242   [001] ...21  1089.490804: bpf_trace_printk: hello: world',
    ),
  ).toEqual({
    comm: 'bash',
    pid: 13242,
    cpu: 1,
    flags: '...21',
    timestamp: 1089.490804,
    event: 'bpf_trace_printk',
    text: 'hello: world',
  })
})

test('a comm with spaces, dashes and brackets, and a thread group id, are understood', () => {
  const line =
    ' a-1 [002] b: c-77      (     77) [003] d..31     5.000001: bpf_trace_printk: x-9 [001] y'
  expect(parseTraceLine(line)).toMatchObject({
    comm: 'a-1 [002] b: c',
    pid: 77,
    cpu: 3,
    text: 'x-9 [001] y',
  })
})

test('marks of lost events are understood', () => {
  expect(parseTraceLine('CPU:1 [LOST 4711 EVENTS]')).toEqual({ cpu: 1, lost: 4711 })
  expect(parseTraceLine('CPU:0 [LOST EVENTS]')).toEqual({ cpu: 0, lost: undefined })
})

test('23 lines are read as 23, each with the pid of its writer', async ({ trace }) => {
  const pipe = trace({ pid: process.pid })
  for (let n = 0; n < 23; n++) mark(pipe, `line ${n}`)
  const lines = await pipe.take(23)
  expect(lines.map(({ text }) => text)).toEqual(Array.from({ length: 23 }, (_, n) => `line ${n}`))
  expect(pipe.read()).toEqual([])
})

test('lines that a filter refuses are left out', async ({ trace, run }) => {
  const pipe = trace({ text: /^hello/ })
  const marker = `${dirname(pipe.path)}/trace_marker`
  mark(pipe, 'hello from the test')
  const other = await run(['sh', '-c', `echo hello > ${marker}; echo goodbye > ${marker}`])
  expect((await other.exit()).code).toBe(0)
  expect(await pipe.take(1, { pid: other.pid })).toMatchObject([{ text: 'hello', pid: other.pid }])
  expect(pipe.read({ pid: [other.pid] })).toEqual([])
  expect(pipe.read()).toMatchObject([{ text: 'hello from the test' }])
})

test('a text with line breaks stays one line', async ({ trace }) => {
  const pipe = trace()
  mark(pipe, 'one\ntwo\nthree')
  expect(await pipe.take(1)).toMatchObject([{ text: 'one\ntwo\nthree' }])
})

test('a line that does not come ends in an error that shows what came instead', async ({
  trace,
}) => {
  const pipe = trace({ text: 'hello' })
  mark(pipe, 'hello once')
  mark(pipe, 'something else')
  await expect(pipe.take(2, {}, { deadline: 100 })).rejects.toThrow(
    /waited 0.1 s for 2 lines[^]*1 came:[^]*hello once[^]*others[^]*something else/,
  )
})

test('iteration gives lines as they come, until the signal is aborted', async ({ trace }) => {
  const stop = new AbortController()
  const pipe = trace({ signal: stop.signal })
  mark(pipe, 'first')
  const seen: string[] = []
  for await (const { text } of pipe) {
    seen.push(text)
    if (text === 'first') setTimeout(() => mark(pipe, 'second'), 30)
    else setTimeout(() => stop.abort(), 30)
  }
  expect(seen).toEqual(['first', 'second'])
})

test('iteration ends when the pipe is closed', async ({ trace }) => {
  const pipe = trace()
  setTimeout(() => pipe.close(), 30)
  for await (const line of pipe) expect.unreachable(line.text)
})

test('two private pipes each get every line of their own', async ({ trace }) => {
  const [one, two] = [trace(), trace()]
  mark(one, 'for one')
  mark(two, 'for two')
  expect(await one.take(1)).toMatchObject([{ text: 'for one' }])
  expect(await two.take(1)).toMatchObject([{ text: 'for two' }])
  expect([...one.read(), ...two.read()]).toEqual([])
})

test('the shared pipe has one reader, and the error names it', async ({ run }) => {
  const open = 'exec 3< /sys/kernel/tracing/trace_pipe; echo open; exec sleep 60'
  const busy = await run(['sh', '-c', open])
  await busy.line('open')
  expect(() => tracePipe({ shared: true })).toThrow(`(pid ${busy.pid}) reads it`)
  await busy.kill()
  tracePipe({ shared: true }).close()
})

test(
  'a flood that overruns the buffer is reported as lost events',
  { timeout: 60_000 },
  async ({ trace }) => {
    const pipe = trace()
    writeFileSync(`${dirname(pipe.path)}/buffer_size_kb`, '8')
    for (let n = 0; n < 5000; n++) mark(pipe, `flood ${n}`)
    await expect(pipe.take(5000)).rejects.toThrow(/lost \d+ events/)
    expect(pipe.lost).toBeGreaterThan(1000)
  },
)

test('what bpf_printk() writes comes through, one line per exec, to several readers', async ({
  execs,
  trace,
}) => {
  const [one, two] = [trace({ text: 'hello from the harness' }), trace()]
  using loaded = BpfObject.open(object).load()
  using _links = loaded.attach()
  const pids = await execs(23)
  const lines = await one.take(23, { pid: pids })
  expect(lines.map(({ pid }) => pid)).toEqual(pids)
  expect(lines[0]).toMatchObject({ event: 'bpf_trace_printk', text: 'hello from the harness' })
  expect(one.read({ pid: pids })).toEqual([])
  expect(await two.take(23, { pid: pids })).toHaveLength(23)
})

test('after use the tracing instance is gone and reading fails', () => {
  const pipe = tracePipe()
  pipe.close()
  expect(() => pipe.read()).toThrow('closed')
  expect(() => mark(pipe, 'x')).toThrow('ENOENT')
})
