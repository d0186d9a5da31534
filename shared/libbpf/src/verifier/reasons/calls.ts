import { mapTypeName } from '../../maps/map-type.ts'
import type { Reason } from './reason.ts'
import { reason } from './reason.ts'
import { capital } from './sentence.ts'

/** Calls that this program may not make. */
export const CALL_REASONS: readonly Reason[] = [
  reason(
    'helper-not-allowed',
    /(?:program of this type cannot use helper|unknown func|^func) (?<name>\w+)#(?<id>\d+)(?<only> supported only| not supported|$)/,
    ({ name, only }) =>
      only === undefined || only === '' || / not/.test(only)
        ? [
            `Programs of this type may not call ${name}().`,
            'Use a helper that this program type has (`bpftool feature probe` lists them per type), or another program type.',
          ]
        : [
            `${name}() works only in programs of another kind.`,
            'Attach the program by fentry, fexit or fmod_ret, or use another helper.',
          ],
  ),
  reason('unknown-helper', /invalid func (?<name>\S+?)#(?<id>\d+)/, ({ id }) => [
    `This kernel has no helper number ${id}.`,
    'The program was compiled for a newer kernel: make the call conditional with bpf_core_enum_value_exists(enum bpf_func_id, …).',
  ]),
  reason(
    'gpl-only',
    /cannot call (?:GPL-restricted|GPL only|kernel) function from non-GPL compatible program|Cannot access kernel '(?<struct>.*)' from non-GPL|must have a GPL compatible license/,
    (_groups, { called }) => [
      `${called === undefined ? 'The program uses something that' : `${called}()`} is reserved for programs under the GPL, and this object declares another license.`,
      'Declare it, if it is true: `char LICENSE[] SEC("license") = "GPL";` ("Dual MIT/GPL" and "Dual BSD/GPL" do too).',
    ],
  ),
  reason(
    'sleeping-call',
    /helper call (?:might sleep|is not allowed) in (?:a non-sleepable prog|probe)|(?:^sleepable (?:helper|kfunc)|^kernel func|program must be sleepable to call sleepable kfunc) (?<name>[\w.]+)(?:#\d+)?(?: is sleepable| in |$)|(?<any>global functions that may sleep are not allowed.*)/,
    ({ name }, { called, lines }) => [
      `${called ?? (name === undefined || name === '' ? 'The called function' : name)}() may sleep, and the program may not do so here${/region/.test(lines.at(-1) ?? '') ? ' (inside a lock or RCU region)' : ''}.`,
      'Use a sleepable section (`SEC("fentry.s/…")`, `lsm.s`, `uprobe.s`, `iter.s`, `syscall`), or the variant that does not sleep, such as bpf_probe_read_user() for bpf_copy_from_user().',
    ],
  ),
  reason(
    'kfunc-not-allowed',
    /calling kernel function (?<name>\S+) is not allowed|kernel function (?<name2>\S+) is not (?:allowed|registered)|destructive kfunc|failed to find BTF for kernel function|cannot find address for kernel function (?<name3>\S+)/,
    ({ name, name2, name3 }) => [
      `This program may not call the kernel function ${name ?? name2 ?? name3 ?? ''}().`.replace(
        ' ()',
        '',
      ),
      'A kfunc is open to some program types only, and some kernels lack it: declare it `__weak` and test it with bpf_ksym_exists().',
    ],
  ),
  reason(
    'packet-not-for-helper',
    /helper access to the packet is not allowed/,
    (_groups, { called }) => [
      `${called ?? 'The helper'}() cannot work on packet memory in this program type.`,
      'Copy the bytes into a local variable first, and pass that.',
    ],
  ),
  reason(
    'callback',
    /callback function (?:not|cannot)|in callback|R0 not a scalar value|exception c(?:b|allback)|At (?:subprogram exit|async callback return)/,
    (_groups, { lines }) => [
      `A callback or function is not what the kernel expects of it: ${lines.at(-1)}.`,
      'Make it a static function with the documented parameters that returns 0 to go on and 1 to stop.',
    ],
  ),
  reason('legacy-packet-access', /BPF_LD_\[ABS\|IND\]|BPF_LD_ABS\|IND/, (_groups, { lines }) => [
    `The old way of reading packets does not work here: ${lines.at(-1)}.`,
    'Use direct packet access (data, data_end) or bpf_skb_load_bytes().',
  ]),
  reason(
    'map-not-for-helper',
    /cannot pass map_type (?<type>\d+) into func (?<name>\w+)#\d+/,
    ({ type, name }) => [
      `${name}() does not work on a map of type ${mapTypeName(Number(type))}.`,
      'Use the helper that belongs to the map type: bpf_map_push_elem() for queues, bpf_ringbuf_output() for ring buffers, bpf_perf_event_output() for perf event arrays.',
    ],
  ),
  reason(
    'map-not-for-program',
    /(?:Sleepable programs can only use|tracing progs cannot use|socket filter progs cannot use|bpf_struct_ops map cannot be used|offload device mismatch|cannot update sockmap) ?(?<what>.*)/,
    ({ what }, { lines }) => [
      `A map does not go with this program type: ${lines.at(-1)}.`,
      `Use another map type${what === undefined || what === '' ? '' : ' or program type'}.`,
    ],
    'program',
  ),
  reason(
    'global-function-arguments',
    /Caller passes invalid args into func#(?<n>\d+)(?: \('(?<name>\S+)'\))?/,
    ({ name, n }) => [
      `The arguments do not fit the global function ${name ?? `number ${n}`}, which is verified by its declaration alone.`,
      'Pass what its prototype says (pointers with the size of their type), or make the function static.',
    ],
  ),
  reason('tail-call', /tail_call(?:s)? (?:are|is|would|cannot).*/, (_groups, { lines }) => [
    `A tail call is not possible here: ${lines.at(-1)}.`,
    'Release locks and references first, and make the tail call from the program itself rather than from a function.',
  ]),
  reason(
    'not-a-constant',
    /R(?<reg>\d+) (?:must be a known constant|is not a (?:known )?const\w*'?|doesn't have constant offset)/,
    ({ reg }, { argument }) => [
      `${capital(argument(`R${reg}`))} has to be a constant that is known when the program is verified.`,
      'Pass a literal, or a `const volatile` global that the loader sets before the program is loaded.',
    ],
  ),
  reason(
    'format-string',
    /Invalid format string|string is not zero-terminated|R\d+ does not point to a readonly map|doesn't point to a const string/,
    () => [
      'The format string is not a constant that the verifier can read.',
      'Use bpf_printk() with a string literal; at most 3 arguments before Linux 5.16, and only the conversions of the kernel’s own printf.',
    ],
  ),
]
