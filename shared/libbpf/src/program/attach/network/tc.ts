import { closeSync } from 'node:fs'
import { hostIsLittleEndian as le } from '../../../codec/byte-order.ts'
import { errnoCode } from '../../../errors/errno.ts'
import { opts, u32 } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { captured } from '../../../ffi/print.ts'
import { checkU32 } from '../../../ffi/range.ts'
import { Link } from '../../../link/link.ts'
import { insideNetns, openOwnNetns } from '../../../system/netns.ts'
import { attachError } from '../attach-error.ts'
import { requireType } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { interfaceIndex } from './interface.ts'
import type { Direction } from './tcx.ts'

type HookCall = (hook: Uint8Array) => number
type FilterCall = (hook: Uint8Array, filter: Uint8Array) => number
const bpf_tc_hook_create = bindLibbpf<HookCall>('int bpf_tc_hook_create(void *)')
const bpf_tc_hook_destroy = bindLibbpf<HookCall>('int bpf_tc_hook_destroy(void *)')
const bpf_tc_attach = bindLibbpf<FilterCall>('int bpf_tc_attach(const void *, void *)')
const bpf_tc_detach = bindLibbpf<FilterCall>('int bpf_tc_detach(const void *, const void *)')

const POINTS = { ingress: 1, egress: 2 } as const
const BOTH = POINTS.ingress | POINTS.egress
const BPF_TC_F_REPLACE = 1

/** Which filter of the clsact qdisc the program becomes. */
export interface TcOptions {
  /** Lower ones run first; the kernel chooses if not given. */
  priority?: number
  /** Number of the filter within its priority; the kernel chooses if not given. */
  handle?: number
  /** Takes the place of the filter that has this priority and handle. */
  replace?: boolean
}

/**
 * Attaches a traffic control program as a filter of the interface's clsact qdisc, which is made if there is none
 * and then removed with the program. It works on every kernel; where there is a choice, take tcx.
 */
export function attachTc(
  program: Attachable,
  device: string | number,
  direction: Direction,
  { priority = 0, handle = 0, replace = false }: TcOptions = {},
): Link {
  const hook = `tc ${direction} of ${device}`
  requireType(program, hook, ['sched_cls', 'sched_act'])
  checkU32(priority, 'set priority of tc filter', program.name)
  checkU32(handle, 'set handle of tc filter', program.name)
  const ifindex = interfaceIndex(device, 'attach program', program.name)
  const created = createQdisc(program, hook, ifindex)
  const point = tcHook(ifindex, POINTS[direction])
  // bpf/libbpf.h, struct bpf_tc_opts; the kernel's choice of handle and priority comes back in it
  const filter = opts(32, [
    [u32(8), program.fd],
    [u32(12), replace ? BPF_TC_F_REPLACE : 0],
    [u32(20), handle],
    [u32(24), priority],
  ])
  const removeQdisc = (): void => {
    if (created) captured(() => bpf_tc_hook_destroy(tcHook(ifindex, BOTH)))
  }
  const { value: errno, messages } = captured(() => bpf_tc_attach(point, filter))
  if (errno < 0) {
    removeQdisc()
    throw attachError({ program, hook, errno, messages }, (code) =>
      code === 'EEXIST'
        ? {
            problem: 'there is a filter of this priority and handle',
            hint: 'Use { replace: true } to take its place.',
          }
        : undefined,
    )
  }
  const chosen = new DataView(filter.buffer)
  const which = opts(32, [
    [u32(20), chosen.getUint32(20, le)],
    [u32(24), chosen.getUint32(24, le)],
  ])
  // The interface has its index there, and in another namespace it is another interface's.
  const netns = openOwnNetns()
  return new Link({
    what: `'${program.name}' to ${hook}`,
    fd: undefined,
    destroy: () => {
      try {
        insideNetns({ fd: netns }, () => {
          captured(() => bpf_tc_detach(point, which))
          removeQdisc()
        })
      } finally {
        closeSync(netns)
      }
    },
  })
}

/** bpf/libbpf.h, struct bpf_tc_hook */
function tcHook(ifindex: number, point: number): Uint8Array {
  return opts(32, [
    [u32(8), ifindex],
    [u32(12), point],
  ])
}

/** @returns whether there was no clsact qdisc before */
function createQdisc(program: Attachable, hook: string, ifindex: number): boolean {
  const { value: errno, messages } = captured(() => bpf_tc_hook_create(tcHook(ifindex, BOTH)))
  if (errno >= 0) return true
  if (errnoCode(errno) === 'EEXIST') return false
  throw attachError({ program, hook, errno, messages }, (code) =>
    code === 'ENOENT' || code === 'EOPNOTSUPP'
      ? {
          needs: {
            feature: 'the clsact qdisc',
            kernel: 'CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF',
          },
        }
      : undefined,
  )
}
