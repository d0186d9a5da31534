import { readFileSync } from 'node:fs'
import type { Cause, Failure } from '../attach-error.ts'

/** Why fentry, fexit, fmod_ret and lsm programs cannot be attached although they could be loaded. */
export function explainTrace(code: string, failure: Failure): Cause | undefined {
  const section = failure.program.section ?? ''
  if (code !== 'ENOTSUPP' && code !== 'EOPNOTSUPP' && code !== 'EINVAL' && code !== 'ENOSYS') {
    return undefined
  }
  if (section.startsWith('lsm')) return explainLsm()
  if (!/^f(entry|exit|mod_ret|session)/.test(section)) return undefined
  return {
    problem: 'the kernel cannot put a call into this function',
    hint: 'It needs CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS (arm64: Linux 6.4), and the function in /sys/kernel/tracing/available_filter_functions.',
  }
}

function explainLsm(): Cause {
  const active = activeModules()
  return active?.split(',').includes('bpf') === false
    ? {
        problem: `BPF is not among the active security modules (${active})`,
        hint: `Boot the kernel with lsm=${active},bpf`,
      }
    : { needs: { feature: 'an LSM program', kernel: 'CONFIG_BPF_LSM=y' } }
}

function activeModules(): string | undefined {
  try {
    return readFileSync('/sys/kernel/security/lsm', 'utf8').trim()
  } catch {
    return undefined // securityfs is not mounted
  }
}
