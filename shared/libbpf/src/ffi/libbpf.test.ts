import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { thrown } from '../../test/thrown.ts'
import { UnsupportedError } from '../errors/unsupported-error.ts'
import { SINCE } from './libbpf-versions.ts'
import { bindLibbpf, libbpfAtLeast, libbpfVersion } from './libbpf.ts'

test('the version is that of the library', () => {
  const { major, minor, text } = libbpfVersion()
  expect(major).toBe(1)
  expect(text).toBe(`1.${minor}`)
  expect(libbpfAtLeast('1.0')).toBe(true)
  expect(libbpfAtLeast(`1.${minor}`)).toBe(true)
  expect(libbpfAtLeast(`1.${minor + 1}`)).toBe(false)
  expect(libbpfAtLeast('2.0')).toBe(false)
})

test('every function that the package declares is in this libbpf, or known to be newer', () => {
  const sources = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
  const missing: string[] = []
  for (const source of sources.filter((name) => /(?<!\.test)\.ts$/.test(name))) {
    for (const prototype of prototypes(source)) {
      const bound = bindLibbpf<() => void>(prototype)
      if (bound.available()) continue
      const since = SINCE[bound.symbol]
      if (since === undefined || libbpfAtLeast(since)) missing.push(`${source}: ${bound.symbol}`)
    }
  }
  expect(missing).toEqual([])
})

function prototypes(source: string): string[] {
  const text = readFileSync(new URL(`../${source}`, import.meta.url), 'utf8')
  return [...text.matchAll(/bindLibbpf<[^;]*?>\(\s*'([^']+)'/g)].map(
    ([, prototype = '']) => prototype,
  )
}

test('a function that this libbpf does not have is missed only when it is called', () => {
  const missing = bindLibbpf<() => void>('void bpf_function_of_the_future(void)')
  expect(missing.available()).toBe(false)
  const { message } = thrown(UnsupportedError, () => missing())
  expect(message).toContain('bpf_function_of_the_future()')
  expect(message).toContain(`libbpf ${libbpfVersion().text}`)
})

const [newer] = Object.entries(SINCE).filter(([, since]) => !libbpfAtLeast(since))
test.runIf(newer)('a function newer than this libbpf names the release that has it', () => {
  const [symbol = '', since] = newer ?? []
  const { needs } = thrown(UnsupportedError, () => bindLibbpf<() => void>(`void ${symbol}(void)`)())
  expect(needs.libbpf).toBe(since)
})

/** Loads the package in a process of its own with another LIBBPF_SO. */
function loadWith(file: string): string {
  const script = `
    const { libbpfVersion } = await import(${JSON.stringify(new URL('libbpf.ts', import.meta.url).href)})
    try { libbpfVersion() } catch (error) { console.log(error.name + ': ' + error.message) }`
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, LIBBPF_SO: file },
    encoding: 'utf8',
  })
}

test('without libbpf the error says what to install', () => {
  const message = loadWith('/no/such/libbpf.so')
  expect(message).toContain("UnsupportedError: cannot load library '/no/such/libbpf.so'")
  expect(message).toContain('libbpf1')
})

test('a library that is not libbpf, or too old to say its version, is refused', () => {
  expect(loadWith('libc.so.6')).toContain('needs libbpf 1.0')
})
