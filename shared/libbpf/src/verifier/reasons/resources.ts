import type { Reason } from './reason.ts'
import { reason } from './reason.ts'
import { capital } from './sentence.ts'

/** References, locks, dynptrs, iterators and other things that have to be given back. */
export const RESOURCE_REASONS: readonly Reason[] = [
  reason(
    'reference-leak',
    /Unreleased reference id=(?<id>\d+) alloc_insn=(?<insn>\d+)/,
    ({ insn }, { stepAt }) => {
      const step = stepAt(Number(insn))
      const name = /^call (\w+)#/.exec(step?.text ?? '')?.[1]
      const place = step?.source?.line === undefined ? '' : ` in line ${step.source.line}`
      return [
        `What ${name === undefined ? `instruction ${insn}` : `${name}()`} acquired${place} is not released on this path.`,
        releaseHint(name),
      ]
    },
  ),
  reason(
    'reference-leak',
    /would lead to reference leak|reference has not been acquired|unacquired reference|must be referenced when passed to release/,
    (_groups, { lines }) => [
      `A reference is released twice, never, or was not one: ${lines.at(-1)}.`,
      'Release each acquired pointer exactly once on each path, and only the pointer that the function returned.',
    ],
  ),
  reason(
    'lock-held',
    /bpf_spin_(?:un)?lock|function calls are not allowed while holding a lock|BPF_EXIT.*lock|bpf_\w+-ed region|bpf_(?:rcu_read_unlock|preempt_enable|restore_irq)\S* (?:is )?missing|unmatched|nested rcu|held lock|global function calls are not allowed/,
    (_groups, { lines }) => [
      `A lock or a protected region is not used in the way the verifier can follow: ${lines.at(-1)}.`,
      'Lock one bpf_spin_lock at a time, call nothing between lock and unlock, and leave each region on every path, before return.',
    ],
  ),
  reason(
    'trusted-pointer',
    /R(?<reg>\d+) must be (?:referenced or trusted|a rcu pointer|referenced)|expected an RCU CS|R(?<reg2>\d+) must have zero offset/,
    ({ reg, reg2 }, { argument }) => [
      `${capital(argument(`R${reg ?? reg2}`))} is a kernel pointer that the verifier does not trust to stay valid.`,
      'Use the pointer that a tp_btf, fentry or LSM argument or a kfunc gave you, directly; within bpf_rcu_read_lock() for RCU-protected members. One that was read with bpf_probe_read_kernel() is never trusted.',
    ],
  ),
  reason('dynptr', /[Dd]ynptr/, (_groups, { lines }) => [
    `A dynptr is not used in the way the verifier can follow: ${lines.at(-1)}.`,
    'Keep it in a local variable, make it with a bpf_dynptr_… or bpf_ringbuf_reserve_dynptr() call, and release it once.',
  ]),
  reason(
    'iterator',
    /iter(?:_\w+)?(?: pointer)? (?:as arg|on stack)|initialized iter|iterator/,
    (_groups, { lines }) => [
      `An iterator is not used in the way the verifier can follow: ${lines.at(-1)}.`,
      'Keep it on the stack; call _new() once, _next() until NULL, and _destroy() on every path. bpf_for_each() does so.',
    ],
  ),
  reason(
    'kptr',
    /kptr|bpf_timer|bpf_wq|bpf_(?:list|rb)_\w+|graph (?:root|node)|non-owning/,
    (_groups, { lines }) => [
      `A special member of a map value (kptr, timer, work queue, list, tree) is used in a way that is not allowed: ${lines.at(-1)}.`,
      'Access it only by the helpers and kfuncs that are made for it, at its exact place, in a map that was created with BTF.',
    ],
  ),
  reason(
    'atomic',
    /BPF_ATOMIC stores into R(?<reg>\d+) (?<type>\S+) is not allowed/,
    ({ type }) => [
      `An atomic operation on ${type} memory is not allowed.`,
      'Use atomics on map values, global variables and the stack only.',
    ],
  ),
]

function releaseHint(name: string | undefined): string {
  if (name?.startsWith('bpf_ringbuf_reserve')) {
    return 'Call bpf_ringbuf_submit() or bpf_ringbuf_discard() on every path after it, early returns included.'
  }
  if (name?.startsWith('bpf_sk')) return 'Call bpf_sk_release() on every path after the NULL check.'
  return 'Call the function that releases it on every path after the NULL check, early returns included.'
}
