import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { thrown } from '../../test/thrown.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { BpfObject } from '../object/bpf-object.ts'
import { captured, libbpfCause } from './print.ts'
import { bindLibbpf } from './libbpf.ts'

const open_file = bindLibbpf<(path: string, opts: null) => bigint | null>(
  'void *bpf_object__open_file(const char *, const void *)',
)

test('what libbpf prints during a call is handed out, formatted', () => {
  const { value, messages } = captured(() => open_file('/no/such/file', null))
  expect(value).toBeNull()
  expect(messages).toEqual([
    { level: 'warn', text: expect.stringMatching(/^libbpf: .*\/no\/such\/file.*\n$/) },
  ])
  expect(libbpfCause(messages)?.message).toMatch(/^elf: .*\/no\/such\/file/)
})

test('debug messages are left out unless they are asked for', () => {
  const path = compileBpf('basic.bpf.c')
  expect(captured(() => open_file(path, null)).messages).toEqual([])
  const { messages } = captured(() => open_file(path, null), true)
  expect(messages.length).toBeGreaterThan(10)
  expect(new Set(messages.map(({ level }) => level))).toEqual(new Set(['debug']))
})

test('a call that throws leaves nothing behind', () => {
  const failing = () =>
    captured(() => {
      throw new RangeError('on purpose')
    })
  expect(failing).toThrow('on purpose')
  expect(captured(() => open_file('/no/such/file', null)).messages).toHaveLength(1)
})

test('a verifier log of megabytes arrives whole', () => {
  using spec = BpfObject.open(compileBpf('long-log.bpf.c'))
  spec.program('walks').logLevel = 2
  const { log } = thrown(VerifierError, () => spec.load())
  expect(log.length).toBeGreaterThan(2_000_000)
  expect(log).toMatch(/^(func#0|0: )/)
  expect(log).toMatch(/processed \d+ insns/)
})

test('a worker opens, fails and ends, and the main thread goes on', async () => {
  const worker = new Worker(new URL('../../test/child/worker.ts', import.meta.url), {
    workerData: { good: compileBpf('basic.bpf.c'), rejected: compileBpf('rejected.bpf.c') },
  })
  const [result] = await once(worker, 'message')
  await once(worker, 'exit')
  expect(result).toMatchObject({ programs: 4, error: 'VerifierError' })
  expect(result.log).toContain("invalid mem access 'map_value_or_null'")
  expect(captured(() => open_file('/no/such/file', null)).messages).toHaveLength(1)
})

test('nothing is written to stderr', () => {
  const script = fileURLToPath(new URL('../../test/child/report-load.ts', import.meta.url))
  const args = ['-c', 'exec "$@" 2>&1', 'sh', process.execPath, script]
  const output = execFileSync('sh', [...args, compileBpf('rejected.bpf.c')], { encoding: 'utf8' })
  expect(output).not.toContain('libbpf:')
  expect(JSON.parse(output).name).toBe('VerifierError')
})

test('after the first call libbpf is silent between calls, too', () => {
  const script = `
    const { captured } = await import(${JSON.stringify(new URL('print.ts', import.meta.url).href)})
    const { bindLibbpf } = await import(${JSON.stringify(new URL('libbpf.ts', import.meta.url).href)})
    const open = bindLibbpf('void *bpf_object__open_file(const char *, const void *)')
    captured(() => undefined)
    open('/no/such/file', null)`
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
})
