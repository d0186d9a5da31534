import { opts, u32 } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import type { Pointer } from '../../../ffi/library.ts'
import { checkI32 } from '../../../ffi/range.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'

const bpf_program__attach_netfilter = bindLibbpf<(program: bigint, opts: Uint8Array) => Pointer>(
  'void *bpf_program__attach_netfilter(const void *, const void *)',
)

/** enum nf_inet_hooks (linux/netfilter.h) */
const HOOKS = ['pre_routing', 'local_in', 'forward', 'local_out', 'post_routing'] as const
/** NFPROTO_IPV4 and NFPROTO_IPV6 */
const FAMILIES = { ipv4: 2, ipv6: 10 } as const
const BPF_F_NETFILTER_IP_DEFRAG = 1

/** Where in netfilter a program runs. */
export interface NetfilterOptions {
  hook: (typeof HOOKS)[number]
  /** IPv4 if not given. */
  family?: keyof typeof FAMILIES
  /** Lower ones run first; 0 is where the filter table is. Two programs cannot have the same. */
  priority?: number
  /** Puts fragments together before the program sees them (Linux 6.6). */
  defragment?: boolean
}

/** Attaches to a hook of netfilter (Linux 6.4, libbpf 1.3). */
export function attachNetfilter(program: Attachable, options: NetfilterOptions): Link {
  const { hook, family = 'ipv4', priority = 0, defragment = false } = options
  checkI32(priority, 'set priority of program', program.name)
  // bpf/libbpf.h, struct bpf_netfilter_opts
  const netfilterOpts = opts(24, [
    [u32(8), FAMILIES[family]],
    [u32(12), HOOKS.indexOf(hook)],
    [u32(16), priority],
    [u32(20), defragment ? BPF_F_NETFILTER_IP_DEFRAG : 0],
  ])
  return attach(program, {
    hook: `netfilter ${family} ${hook}`,
    types: ['netfilter'],
    call: (native) => bpf_program__attach_netfilter(native, netfilterOpts),
    explain: (code) =>
      code === 'EBUSY'
        ? { problem: `another program has priority ${priority} there` }
        : code === 'ERANGE'
          ? { problem: 'the lowest and the highest priority are the kernel’s own' }
          : code === 'EAFNOSUPPORT' || code === 'EOPNOTSUPP'
            ? { needs: { feature: 'a netfilter program', kernel: 'CONFIG_NETFILTER_BPF_LINK=y' } }
            : undefined,
  })
}
