import { opts, u32 } from '../../../ffi/c-struct.ts'
import { bpf_link_create } from '../../../link/bindings.ts'
import type { Link } from '../../../link/link.ts'
import { ATTACH_TYPES } from '../../attach-types.ts'
import type { Cause } from '../attach-error.ts'
import { createLink } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { interfaceIndex } from './interface.ts'

/** How an XDP program is attached. */
export interface XdpOptions {
  /**
   * Where it runs: in the driver, in the network stack (`skb`, works with every interface), or on the card.
   * Without it the kernel takes the driver if that can, else the stack.
   */
  mode?: 'driver' | 'skb' | 'hardware'
}

/** XDP_FLAGS_SKB_MODE and its like (linux/if_link.h). */
const MODES = { skb: 2, driver: 4, hardware: 8 } as const
const LINK_CREATE_OPTS_SIZE = 80
const flags = u32(8)

/** Attaches an XDP program to an interface. */
export function attachXdp(
  program: Attachable,
  device: string | number,
  { mode }: XdpOptions = {},
): Link {
  const ifindex = interfaceIndex(device, 'attach program', program.name)
  const linkOpts = opts(LINK_CREATE_OPTS_SIZE, [[flags, mode && MODES[mode]]])
  return createLink(program, {
    hook: `XDP on ${device}`,
    types: ['xdp'],
    create: (fd) => bpf_link_create(fd, ifindex, ATTACH_TYPES.indexOf('xdp'), linkOpts),
    explain: explainXdp,
  })
}

function explainXdp(code: string): Cause | undefined {
  switch (code) {
    case 'EBUSY':
    case 'EEXIST':
      return {
        problem: 'the interface has an XDP program already, and takes only one',
        hint: 'Detach that one first. Look with: bpftool net list, ip link',
      }
    case 'EOPNOTSUPP':
      return {
        problem: 'the driver of the interface cannot run XDP',
        hint: "Attach with { mode: 'skb' }.",
      }
    case 'ENODEV':
      return { problem: 'there is no such interface', hint: 'Look with: ip link' }
    default:
      return undefined
  }
}
