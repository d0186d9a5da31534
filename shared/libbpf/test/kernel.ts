/** What the kernel under test has; tests that need more are skipped with the reason in their title. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { release } from 'node:os'

/** Whether the kernel is at least this release. */
export function kernelAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [haveMajor = 0, haveMinor = 0] = release().split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** Whether the kernel was built with an option (=y or =m). */
export function kernelConfig(option: string): boolean {
  return new RegExp(`^${option}=[ym]$`, 'm').test(config())
}

function config(): string {
  for (const path of ['/proc/config.gz', `/boot/config-${release()}`]) {
    if (!existsSync(path)) continue
    const bytes = readFileSync(path)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  }
  throw new Error('the kernel does not tell its configuration: no /proc/config.gz')
}

/** Whether the active security modules include BPF. */
export function bpfLsmActive(): boolean {
  const path = '/sys/kernel/security/lsm'
  return existsSync(path) && readFileSync(path, 'utf8').split(',').includes('bpf')
}
