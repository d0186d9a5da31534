import { errnoCode } from '../../../errors/errno.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import { bpf_link_create } from '../../../link/bindings.ts'
import { Link } from '../../../link/link.ts'
import { attachError } from '../attach-error.ts'
import type { Cause } from '../attach-error.ts'
import { createLink, requireType } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { attachTypeNumber } from './link-opts.ts'

const bpf_prog_attach = bindLibbpf<
  (programFd: number, target: number, type: number, flags: number) => number
>('int bpf_prog_attach(int, int, int, unsigned int)')
const bpf_prog_detach2 = bindLibbpf<(programFd: number, target: number, type: number) => number>(
  'int bpf_prog_detach2(int, int, int)',
)

/** What a program does with the sockets of a map. */
export type SockmapAttachType =
  | 'sk_msg_verdict'
  | 'sk_skb_stream_parser'
  | 'sk_skb_stream_verdict'
  | 'sk_skb_verdict'

const TYPES = ['sk_msg', 'sk_skb'] as const

/** Attaches a sk_msg or sk_skb program to a sockmap or sockhash: with a link from Linux 6.10 on, else without. */
export function attachSockmap(
  program: Attachable,
  map: { readonly fd: number; readonly name?: string },
  attachType?: SockmapAttachType,
): Link {
  const hook = `sockmap '${map.name ?? `fd ${map.fd}`}'`
  requireType(program, hook, TYPES)
  const type = attachTypeNumber(attachType ?? sectionType(program))
  try {
    return createLink(program, {
      hook,
      types: TYPES,
      create: (fd) => bpf_link_create(fd, map.fd, type, null),
      explain: explainSockmap,
    })
  } catch (error) {
    if (!(error instanceof BpfError) || error.code !== 'EINVAL') throw error
    return attachWithoutLink(program, map.fd, type, hook) // this kernel has no sockmap links
  }
}

function attachWithoutLink(program: Attachable, map: number, type: number, hook: string): Link {
  const errno = bpf_prog_attach(program.fd, map, type, 0)
  if (errno < 0) throw attachError({ program, hook, errno, messages: [] }, explainSockmap)
  return new Link({
    what: `'${program.name}' to ${hook}`,
    fd: undefined,
    destroy: () => {
      const failed = program.closed ? 0 : bpf_prog_detach2(program.fd, map, type)
      const gone = ['ENOENT', 'EBADF'].includes(errnoCode(failed))
      if (failed < 0 && !gone) throw attachError({ program, hook, errno: failed, messages: [] })
    },
  })
}

function sectionType(program: Attachable): SockmapAttachType {
  switch (program.attachType) {
    case 'sk_skb_stream_parser':
    case 'sk_skb_stream_verdict':
    case 'sk_skb_verdict':
      return program.attachType
    default:
      return program.type === 'sk_msg' ? 'sk_msg_verdict' : 'sk_skb_verdict'
  }
}

function explainSockmap(code: string): Cause | undefined {
  switch (code) {
    case 'EBUSY':
      return { problem: 'the map has a program of this kind already' }
    case 'EOPNOTSUPP':
      return { problem: 'the map is not a sockmap or sockhash' }
    default:
      return undefined
  }
}
