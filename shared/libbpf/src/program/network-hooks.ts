import type { Link } from '../link/link.ts'
import type { Attachable } from './attach/attempt.ts'
import { attachCgroup, attachNetns } from './attach/network/cgroup.ts'
import type { CgroupOptions } from './attach/network/cgroup.ts'
import type { OrderOptions } from './attach/network/link-opts.ts'
import { attachNetfilter } from './attach/network/netfilter.ts'
import type { NetfilterOptions } from './attach/network/netfilter.ts'
import { attachReuseport, attachSocket } from './attach/network/socket.ts'
import type { SocketFd } from './attach/network/socket.ts'
import { attachSockmap } from './attach/network/sockmap.ts'
import type { SockmapAttachType } from './attach/network/sockmap.ts'
import { attachTc } from './attach/network/tc.ts'
import type { TcOptions } from './attach/network/tc.ts'
import { attachNetkit, attachTcx } from './attach/network/tcx.ts'
import type { Direction } from './attach/network/tcx.ts'
import { attachXdp } from './attach/network/xdp.ts'
import type { XdpOptions } from './attach/network/xdp.ts'
import { TracingHooks } from './tracing-hooks.ts'

/**
 * Attaching a program by hand to hooks of the network stack and of cgroups.
 *
 * All methods throw a `BpfError` if the program is of another type, there is no such target, or the kernel refuses;
 * an `UnsupportedError` if kernel or libbpf lack the hook.
 */
export abstract class NetworkHooks extends TracingHooks implements Attachable {
  /**
   * Attaches an XDP program to a network interface, which takes only one.
   * @param device name of the interface, or its index
   */
  attachXdp(device: string | number, options?: XdpOptions): Link {
    return attachXdp(this, device, options)
  }

  /** Attaches a tc program to an interface with a link (Linux 6.6); the direction may come from `SEC("tcx/egress")`. */
  attachTcx(device: string | number, direction?: Direction, options?: OrderOptions): Link {
    return attachTcx(this, device, direction, options)
  }

  /** Attaches a tc program as a filter of the clsact qdisc, as `tc filter add` does; works on every kernel. */
  attachTc(device: string | number, direction: Direction, options?: TcOptions): Link {
    return attachTc(this, device, direction, options)
  }

  /** Attaches a tc program to a netkit pair (Linux 6.7); the side may come from `SEC("netkit/peer")`. */
  attachNetkit(device: string | number, side?: 'primary' | 'peer', options?: OrderOptions): Link {
    return attachNetkit(this, device, side, options)
  }

  /** Attaches to a netfilter hook (Linux 6.4, libbpf 1.3): `attachNetfilter({ hook: 'local_in', priority: -128 })`. */
  attachNetfilter(options: NetfilterOptions): Link {
    return attachNetfilter(this, options)
  }

  /**
   * Attaches to a cgroup and all below it: cgroup_skb, sock, sock_addr, sockopt, sysctl, device, sock_ops, lsm_cgroup.
   * @param cgroup folder of a cgroup v2, or its file descriptor
   */
  attachCgroup(cgroup: string | { readonly fd: number }, options?: CgroupOptions): Link {
    return attachCgroup(this, cgroup, options)
  }

  /**
   * Attaches a sk_lookup or flow_dissector program to a network namespace.
   * @param netns `/run/netns/NAME`, `/proc/PID/ns/net` or a file descriptor; this process's own if not given
   */
  attachNetns(netns?: string | { readonly fd: number }): Link {
    return attachNetns(this, netns)
  }

  /** Filters what a socket receives (SO_ATTACH_BPF). */
  attachSocket(socket: SocketFd): Link {
    return attachSocket(this, socket)
  }

  /** Lets a sk_reuseport program choose among the sockets of a SO_REUSEPORT group; one socket stands for all. */
  attachReuseport(socket: SocketFd): Link {
    return attachReuseport(this, socket)
  }

  /** Attaches a sk_msg or sk_skb program to the sockets of a sockmap or sockhash. */
  attachSockmap(
    map: { readonly fd: number; readonly name?: string },
    attachType?: SockmapAttachType,
  ): Link {
    return attachSockmap(this, map, attachType)
  }
}
