import { bpf_link_create } from '../../../link/bindings.ts'
import type { Link } from '../../../link/link.ts'
import type { Cause } from '../attach-error.ts'
import { createLink } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { interfaceIndex } from './interface.ts'
import { attachTypeNumber, orderOpts } from './link-opts.ts'
import type { OrderOptions } from './link-opts.ts'

/** Packets that come in from, or go out to, an interface. */
export type Direction = 'ingress' | 'egress'

/** Attaches a traffic control program to an interface with a link (Linux 6.6). */
export function attachTcx(
  program: Attachable,
  device: string | number,
  direction: Direction = program.attachType === 'tcx_egress' ? 'egress' : 'ingress',
  options: OrderOptions = {},
): Link {
  const ifindex = interfaceIndex(device, 'attach program', program.name)
  const linkOpts = orderOpts(options, program.name, '1.3')
  const type = attachTypeNumber(`tcx_${direction}`)
  return createLink(program, {
    hook: `tcx ${direction} of ${device}`,
    types: ['sched_cls'],
    create: (fd) => bpf_link_create(fd, ifindex, type, linkOpts),
    explain: (code) => explainOrdered(code, 'tcx', '6.6'),
  })
}

/** Attaches to a netkit device, as the container's (`peer`) or the host's side (`primary`) sees it (Linux 6.7). */
export function attachNetkit(
  program: Attachable,
  device: string | number,
  side: 'primary' | 'peer' = program.attachType === 'netkit_peer' ? 'peer' : 'primary',
  options: OrderOptions = {},
): Link {
  const ifindex = interfaceIndex(device, 'attach program', program.name)
  const linkOpts = orderOpts(options, program.name, '1.3')
  const type = attachTypeNumber(`netkit_${side}`)
  return createLink(program, {
    hook: `netkit ${side} ${device}`,
    types: ['sched_cls'],
    create: (fd) => bpf_link_create(fd, ifindex, type, linkOpts),
    explain: (code) =>
      code === 'ENXIO'
        ? {
            problem: 'the interface is not the primary side of a netkit pair',
            hint: `ip link add ${device} type netkit makes one.`,
          }
        : explainOrdered(code, 'netkit', '6.7'),
  })
}

function explainOrdered(code: string, feature: string, kernel: string): Cause | undefined {
  switch (code) {
    case 'EINVAL':
      return { needs: { feature, kernel }, hint: 'On a newer kernel: check the order options.' }
    case 'EEXIST':
      return { problem: 'this program is attached there already' }
    case 'ESTALE':
      return { problem: 'the programs there have changed since that revision' }
    case 'ENOENT':
      return { problem: 'what it should go before or after is not attached there' }
    case 'ERANGE':
      return { problem: 'the interface has as many programs as the kernel allows' }
    default:
      return undefined
  }
}
