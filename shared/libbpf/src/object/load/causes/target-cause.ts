import { Btf } from '../../../btf/btf.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { closest } from '../../../errors/closest.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import { didYouMean, kernelFunctions } from '../../../program/attach/tracing/explain-names.ts'
import type { LoadFailure } from './load-error.ts'

const MISSING = /prog '([^']+)': failed to find kernel BTF type ID of '([^']+)'/

/** How the kernel's BTF calls the targets of a section: `btf_trace_sched_switch` is the tracepoint. */
const PREFIXES: readonly (readonly [
  section: RegExp,
  what: string,
  kind: 'func' | 'typedef',
  prefix: string,
])[] = [
  [/^(tp_btf|raw_tp|raw_tracepoint)/, 'tracepoint', 'typedef', 'btf_trace_'],
  [/^lsm/, 'LSM hook', 'func', 'bpf_lsm_'],
  [/^iter/, 'iterator', 'func', 'bpf_iter_'],
]

/** A fentry, tp_btf, lsm or iter program whose target the kernel does not have. */
export function targetCause(words: string, failure: LoadFailure): BpfError | undefined {
  const [, program, target] = MISSING.exec(words) ?? []
  if (program === undefined || target === undefined) return undefined
  const section = failure.programs.find(({ name }) => name === program)?.section ?? ''
  return new BpfError({
    operation: 'load program',
    subject: program,
    errno: failure.errno,
    ...explainTarget(section, target),
    cause: libbpfCause(failure.messages),
  })
}

/** Why a program of this section cannot have that target: the kernel has none of the name. */
export function explainTarget(section: string, target: string): { problem: string; hint: string } {
  const [, what, kind, prefix] = PREFIXES.find(([pattern]) =>
    pattern.test(section.replace(/^\?/, '')),
  ) ?? [section, 'function', 'func' as const, '']
  return {
    problem: `this kernel's BTF has no ${what} '${target}'`,
    hint: targetHint(target, kind, prefix),
  }
}

function targetHint(target: string, kind: 'func' | 'typedef', prefix: string): string {
  if (prefix === '' && kernelFunctions().has(target)) {
    return 'The function exists but BTF does not describe it (static functions of one name, or assembler): use a kprobe.'
  }
  const names = new Set<string>()
  for (const type of Btf.kernel().types()) {
    if (type.kind === kind && type.name.startsWith(prefix))
      names.add(type.name.slice(prefix.length))
  }
  const where =
    prefix === ''
      ? 'Inlined functions do not exist any more; the others: bpftool btf dump file /sys/kernel/btf/vmlinux | grep FUNC'
      : `All of them: bpftool btf dump file /sys/kernel/btf/vmlinux | grep ${prefix}`
  return `${didYouMean(closest(target, names))}${where}`
}
