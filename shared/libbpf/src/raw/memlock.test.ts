import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { kernelAtLeast } from '../../test/kernel.ts'
import { bpfCountsAsLocked } from './memlock.ts'

/** Runs a program of test/child that may lock so many bytes, and cannot lock more or raise the limit; it prints an error. */
function confined(limit: number, child: string, ...args: string[]) {
  const script = fileURLToPath(new URL(`../../test/child/${child}`, import.meta.url))
  const drop = ['--bounding-set=-ipc_lock,-sys_resource', '--inh-caps=-ipc_lock,-sys_resource']
  const command = [
    ...drop,
    'prlimit',
    `--memlock=${limit}:${limit}`,
    process.execPath,
    script,
    ...args,
  ]
  const out: { code?: string; message?: string } = JSON.parse(
    execFileSync('setpriv', command, { encoding: 'utf8' }),
  )
  return out
}

test('a perf buffer that the memlock limit refuses says how much may be locked, and how to raise it', () => {
  const { code, message } = confined(65_536, 'perf-pages.ts', '4096')
  expect(code).toBe('EPERM')
  expect(message).toContain('fewer `pages`')
  expect(message).toMatch(/perf buffers may lock 64 kB in this process.*ulimit -l/)
  expect(confined(65_536, 'perf-pages.ts', '1')).toEqual({})
})

// Later kernels charge BPF to the memory cgroup: the limit has nothing to say there.
test.skipIf(kernelAtLeast('5.11'))(
  'before Linux 5.11, an object that the memlock limit refuses says so',
  () => {
    const object = compileBpf('basic.bpf.c')
    const { code, message } = confined(4096, 'report-load.ts', object)
    expect(code).toBe('EPERM')
    expect(message).toMatch(/maps and programs may lock 4 kB in this process.*ulimit -l/)
  },
)

test('what a kernel has is found in a process that may lock little: the limit is lifted first', () => {
  const script = `
    const { probeMapType } = await import('${new URL('../probe/map-types.ts', import.meta.url).href}')
    console.log(JSON.stringify(probeMapType('ringbuf')))`
  const command = ['--memlock=65536:65536', process.execPath, '--input-type=module', '-e', script]
  expect(JSON.parse(execFileSync('prlimit', command, { encoding: 'utf8' }))).toEqual({
    supported: true,
  })
})

test('the limit of locked memory counts for BPF on kernels before 5.11', () => {
  const kernels = ['4.19.0-27-amd64', '5.10.0-39-cloud-amd64', '5.11.0', '6.1.0', '6.18.5']
  expect(kernels.map((kernel) => bpfCountsAsLocked(kernel))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
