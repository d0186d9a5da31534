import { numberOf } from '../errors/names.ts'
import { ATTACH_TYPES } from '../program/attach-types.ts'
import type { AttachType } from '../program/attach-types.ts'
import { PROGRAM_TYPES } from '../program/program-types.ts'
import type { ProgramType } from '../program/program-types.ts'
import type { BpfAttr } from '../raw/attr.ts'
import { kernelFunction, rawTracepoint } from './kernel-btf.ts'
import { NEEDS } from './needs.ts'
import type { ProbeResult } from './result.ts'
import { SUPPORTED, refused } from './result.ts'
import { remembered, tryLoad } from './trial.ts'

const BPF_F_SLEEPABLE = 16

/** The attach type that a program of a type must name to be loaded at all. */
const ATTACH: Readonly<Partial<Record<ProgramType, AttachType>>> = {
  cgroup_sock_addr: 'cgroup_inet4_connect',
  cgroup_sockopt: 'cgroup_getsockopt',
  sk_lookup: 'sk_lookup',
  netfilter: 'netfilter',
  tracing: 'trace_raw_tp',
  lsm: 'lsm_mac',
}

/**
 * Whether this kernel loads programs of a type, found by loading one. Remembered per process.
 *
 * @throws BpfError for an unknown name
 */
export const probeProgramType = remembered((type: ProgramType): ProbeResult => {
  using trial = tryLoad(programAttr(type))
  const { fd, code, log } = trial
  if (fd || knowsType(type, code, log)) return SUPPORTED
  return refused(`programs of type ${type}`, code, NEEDS[type])
})

/** Some types cannot be loaded without a target; the kernel knows the type if it complains about that. */
function knowsType(type: ProgramType, code: string, log: string): boolean {
  switch (type) {
    case 'struct_ops':
      return code === 'ENOTSUPP' || /attach_btf_id|struct_ops/.test(log)
    case 'ext':
      return /[Rr]eplace kernel functions|attach_btf_id/.test(log)
    case 'tracing':
    case 'lsm':
      return /attach_btf_id/.test(log)
    default:
      return false
  }
}

/** What a program of a type needs to be loaded, apart from its instructions. */
export function programAttr(type: ProgramType, attach = ATTACH[type]): BpfAttr<'BPF_PROG_LOAD'> {
  const target = targetOf(type, attach)
  return {
    prog_type: numberOf(PROGRAM_TYPES, type, 'probe program type'),
    ...(attach === undefined
      ? {}
      : { expected_attach_type: numberOf(ATTACH_TYPES, attach, 'probe program type') }),
    ...(type === 'syscall' ? { prog_flags: BPF_F_SLEEPABLE } : {}),
    ...(target === undefined ? {} : { attach_btf_id: target }),
  }
}

/** A function of the kernel that every such program can be checked against. */
function targetOf(type: ProgramType, attach: AttachType | undefined): number | undefined {
  switch (type) {
    case 'ext':
    case 'struct_ops':
      return 1
    case 'lsm':
      return kernelFunction('bpf_lsm_file_open') ?? 1
    case 'tracing':
      if (attach === 'trace_raw_tp') return rawTracepoint('sys_enter') ?? 1
      if (attach === 'trace_iter') return kernelFunction('bpf_iter_task') ?? 1
      // Security hooks may be modified on any kernel, the function for tests only on some.
      if (attach === 'modify_return')
        return (
          kernelFunction('security_bprm_check') ?? kernelFunction('bpf_modify_return_test') ?? 1
        )
      return kernelFunction('bpf_fentry_test1') ?? 1
    default:
      return undefined
  }
}
