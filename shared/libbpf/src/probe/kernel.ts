import { existsSync, readFileSync } from 'node:fs'
import { arch, release } from 'node:os'
import { hasKernelBtf } from './kernel-btf.ts'

/** What a kernel offers to BPF as a whole. */
export interface KernelFeatures {
  /** `6.12.48`, for people; nothing is decided by it. */
  readonly release: string
  readonly arch: string
  /** Whether it carries its own type information. */
  readonly btf: boolean
  /** `off`, `on`, `debug`; undefined if it cannot be read. */
  readonly jit: 'off' | 'on' | 'debug' | undefined
  /** Security modules in force. */
  readonly securityModules: readonly string[]
  /** Whether LSM programs take effect: `bpf` is among the security modules. */
  readonly bpfLsm: boolean
  /** Whether bpf(2) is closed to processes without CAP_BPF. */
  readonly unprivilegedDisabled: boolean | undefined
  /** Whether /sys/fs/bpf, tracefs and cgroup2 are mounted. */
  readonly mounts: Readonly<Record<'bpf' | 'tracefs' | 'cgroup2', string | undefined>>
}

/** Reads what the kernel says of itself in /proc and /sys. */
export function probeKernel(): KernelFeatures {
  const securityModules = (read('/sys/kernel/security/lsm') ?? '').split(',').filter(Boolean)
  const jit = read('/proc/sys/net/core/bpf_jit_enable')
  const unprivileged = read('/proc/sys/kernel/unprivileged_bpf_disabled')
  return {
    release: release(),
    arch: arch(),
    btf: hasKernelBtf(),
    jit: jit === undefined ? undefined : (['off', 'on', 'debug'] as const)[Number(jit)],
    securityModules,
    bpfLsm: securityModules.includes('bpf'),
    unprivilegedDisabled: unprivileged === undefined ? undefined : unprivileged !== '0',
    mounts: { bpf: mountOf('bpf'), tracefs: mountOf('tracefs'), cgroup2: mountOf('cgroup2') },
  }
}

let config: ReadonlyMap<string, string> | undefined | null

/**
 * Value of an option of the kernel's configuration: `y`, `m`, a number or a string; `n` when it is not set.
 *
 * @returns undefined when the kernel does not tell its configuration
 */
export function kernelConfig(option: string): string | undefined {
  if (config === undefined) config = readConfig() ?? null
  const name = option.startsWith('CONFIG_') ? option : `CONFIG_${option}`
  return config === null ? undefined : (config.get(name) ?? 'n')
}

function readConfig(): ReadonlyMap<string, string> | undefined {
  for (const path of [
    '/proc/config.gz',
    `/boot/config-${release()}`,
    `/lib/modules/${release()}/config`,
  ]) {
    if (!existsSync(path)) continue
    const bytes = readFileSync(path)
    const text = (path.endsWith('.gz') ? zlib().gunzipSync(bytes) : bytes).toString('latin1')
    return new Map(
      [...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
        name,
        value.replace(/^"(.*)"$/, '$1'),
      ]),
    )
  }
  return undefined
}

/** Loaded when it is needed, which is seldom: it would slow down every start. */
const zlib = () => process.getBuiltinModule('node:zlib')

/** First place where a file system of this type is mounted. */
function mountOf(type: string): string | undefined {
  for (const line of (read('/proc/self/mounts') ?? '').split('\n')) {
    const [, point, found] = line.split(' ')
    if (found === type) return point
  }
  return undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EPERM') return undefined
    throw error
  }
}
