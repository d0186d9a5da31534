import type { Reason } from './reason.ts'
import { reason } from './reason.ts'

/** What is wrong with the program as a whole, its target or its type information. */
export const PROGRAM_REASONS: readonly Reason[] = [
  reason(
    'no-such-target',
    /(?:attach_btf_id (?<id>\d+) is not a (?<what>\w+)|FENTRY\/FEXIT program can only be attached|(?<func>\S+)(?:\(\))? is not (?:modifiable|sleepable|a function|traceable)|points to disabled hook|attach to (?:invalid|unsupported) member (?<member>.*)|Attaching fexit\/fmod_ret to __noreturn)/,
    ({ func, what, member }, { lines }) => [
      `The program cannot be attached to its target: ${func === undefined ? (what ?? member ?? lines.at(-1)) : lines.at(-1)}.`,
      'Choose another function: it must be in /sys/kernel/tracing/available_filter_functions, not inlined, and of the kind that the section asks for.',
    ],
    'program',
  ),
  reason(
    'not-sleepable',
    /Only .* programs can be sleepable|programs cannot be sleepable|Syscall programs can only be sleepable|(?<func>\S+) is not sleepable/,
    (_groups, { lines }) => [
      `The program is marked as sleepable, and may not be: ${lines.at(-1)}.`,
      'Remove the `.s` from its section name, or attach it to a hook that may sleep.',
    ],
    'program',
  ),
  reason(
    'kernel-config',
    /JIT (?:is required|does(?:n't| not) support)|kernel is missing BTF|not supported without CONFIG_\w+|in-kernel BTF is malformed|not supported by the (?:JIT|architecture)|in non-JITed programs/,
    (_groups, { lines }) => [
      `This kernel was built, or is set up, without what the program needs: ${lines.at(-1)}.`,
      'Use a kernel with CONFIG_DEBUG_INFO_BTF=y and CONFIG_BPF_JIT=y, and net.core.bpf_jit_enable=1.',
    ],
    'program',
  ),
  reason(
    'missing-privilege',
    /CAP_(?:BPF|PERFMON|SYS_ADMIN|NET_ADMIN)|prohibited for !root|for privileged/,
    (_groups, { lines }) => [
      `The loader lacks a capability for what the program does: ${lines.at(-1)}.`,
      'Load it as root, or with CAP_BPF and CAP_PERFMON.',
    ],
  ),
  reason(
    'type-information',
    /func_info|line_info|core_relo|BTF fd|btf_id \d+|missing btf|invalid BTF|func info|line_info|ldimm64 |unable to resolve the size|LD_ABS is (?:not|only) allowed|module BTF/,
    (_groups, { lines }) => [
      `The type information of the program does not fit it: ${lines.at(-1)}.`,
      'Compile it with `clang -g -O2 -target bpf`, without stripping, and load it with a libbpf that is at least as new as the compiler.',
    ],
    'program',
  ),
  reason(
    'too-many',
    /too many (?<what>subprograms|different .*)|total number of maps per program has reached the limit of (?<maps>\d+)/,
    ({ what, maps }) => [
      `The program has too many ${what ?? `maps (${maps} is the limit)`}.`,
      'Split it into several programs, or inline functions.',
    ],
    'program',
  ),
  reason(
    'invalid-map',
    /fd \d+ is not pointing to valid bpf_map|only one cgroup storage|direct value (?:access|offset)|no direct value access|invalid access to map value pointer|[Oo]nly one arena|arena's user address|fd_idx without fd_array|map_ptr access not supported/,
    (_groups, { lines }) => [
      `The program refers to a map that is closed, or not in the way its type allows: ${lines.at(-1)}.`,
      'Create the map first, keep it open until the program is loaded, and use it only through the helpers of its type.',
    ],
    'program',
  ),
  reason(
    'kernel-bug',
    /verifier (?:internal error|bug|is misconfigured|narrow ctx)|internal bug|BUG:|^bug: |kernel subsystem misconfigured|REG INVARIANTS VIOLATION|BUG backtrack/i,
    (_groups, { lines }) => [
      `The verifier failed itself: ${lines.at(-1)}.`,
      'This is a bug in the kernel: try a newer one, or write the code around the instruction differently.',
    ],
    'program',
  ),
]
