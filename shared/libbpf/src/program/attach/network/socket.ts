import { errnoOf } from '../../../errors/errno.ts'
import { bindLibc } from '../../../ffi/libc.ts'
import { errno } from '../../../ffi/library.ts'
import { checkI32 } from '../../../ffi/range.ts'
import { Link } from '../../../link/link.ts'
import type { ProgramType } from '../../program-types.ts'
import { attachError } from '../attach-error.ts'
import type { Cause } from '../attach-error.ts'
import { requireType } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'

const setsockopt = bindLibc<
  (fd: number, level: number, option: number, value: Int32Array, size: number) => number
>('int setsockopt(int, int, int, const void *, unsigned int)')

// asm-generic/socket.h
const SOL_SOCKET = 1
const SO_DETACH_FILTER = 27
const SO_ATTACH_BPF = 50
const SO_ATTACH_REUSEPORT_EBPF = 52
const SO_DETACH_REUSEPORT_BPF = 68

/** A socket by its file descriptor. */
export type SocketFd = number | { readonly fd: number }

/** Attaches a socket filter; the socket keeps it until it is closed itself or the link is. */
export function attachSocket(program: Attachable, socket: SocketFd): Link {
  return attachOption(program, socket, {
    hook: 'socket',
    types: ['socket_filter', 'sched_cls', 'cgroup_skb'],
    attach: SO_ATTACH_BPF,
    detach: SO_DETACH_FILTER,
  })
}

/** Lets the program choose which socket of a SO_REUSEPORT group gets a connection or datagram. */
export function attachReuseport(program: Attachable, socket: SocketFd): Link {
  return attachOption(program, socket, {
    hook: 'SO_REUSEPORT group of socket',
    types: ['sk_reuseport', 'socket_filter'],
    attach: SO_ATTACH_REUSEPORT_EBPF,
    detach: SO_DETACH_REUSEPORT_BPF,
  })
}

interface SocketOption {
  hook: string
  types: readonly ProgramType[]
  attach: number
  detach: number
}

function attachOption(program: Attachable, socket: SocketFd, option: SocketOption): Link {
  const fd = typeof socket === 'number' ? socket : socket.fd
  checkI32(fd, 'attach program to socket', program.name)
  const hook = `${option.hook} ${fd}`
  requireType(program, hook, option.types)
  if (setsockopt(fd, SOL_SOCKET, option.attach, Int32Array.of(program.fd), 4) < 0) {
    throw attachError({ program, hook, errno: errno(), messages: [] }, explainSocket)
  }
  return new Link({
    what: `'${program.name}' to ${hook}`,
    fd: undefined,
    destroy: () => {
      const failed = setsockopt(fd, SOL_SOCKET, option.detach, Int32Array.of(0), 4) < 0
      const code = failed ? errno() : 0
      // A socket that is closed took its filter with it.
      const gone = [errnoOf('EBADF'), errnoOf('ENOTSOCK'), errnoOf('ENOENT')]
      if (failed && !gone.includes(code))
        throw attachError({ program, hook, errno: code, messages: [] })
    },
  })
}

function explainSocket(code: string): Cause | undefined {
  switch (code) {
    case 'EBADF':
    case 'ENOTSOCK':
      return { problem: 'it is not the file descriptor of an open socket' }
    case 'EINVAL':
      return { hint: 'SO_REUSEPORT must be set on the socket before it is bound.' }
    case 'EPERM':
      return { problem: 'the socket’s filter is locked (SO_LOCK_FILTER)' }
    default:
      return undefined
  }
}
