import { constants } from 'node:os'
import { readFileSync } from 'node:fs'
import type { BpfCommand } from './commands.ts'
import { bpfCountsAsLocked, memlockHint, memlockLimit } from './memlock.ts'

const { EPERM, EINVAL, ENOENT, E2BIG, EBUSY, EEXIST, EBADF } = constants.errno

/** What to do after bpf(2) refused a command with this (positive) errno, if there is one likely cause. */
export function hintFor(command: BpfCommand, errno: number): string | undefined {
  switch (errno) {
    case EPERM:
      return permissionHint()
    case EBADF:
      return 'A file descriptor in the attributes is closed, or is not a BPF object of the kind asked for.'
    case E2BIG:
      return command.startsWith('BPF_MAP')
        ? 'The map is full, or larger than the kernel allows.'
        : 'The kernel is older than one of the attributes, or the program is too long.'
    case EBUSY:
      return 'Something is attached or mapped there already.'
    case EEXIST:
      return 'It exists already: use another path or key, or remove it first.'
    case ENOENT:
      return notFoundHint(command)
    case EINVAL:
      return 'The kernel does not accept these attributes together, or is too old for the command.'
    default:
      return undefined
  }
}

function notFoundHint(command: BpfCommand): string | undefined {
  if (command.includes('BY_ID') || command.includes('NEXT_ID')) return 'No object has this id now.'
  if (command === 'BPF_OBJ_GET') return 'Nothing is pinned at this path.'
  if (command === 'BPF_OBJ_PIN') return 'Its directory does not exist.'
  if (command === 'BPF_RAW_TRACEPOINT_OPEN') return 'There is no tracepoint of this name.'
  return undefined
}

/** Why the kernel says EPERM: no privilege, or one of the switches that take it away from root too. */
export function permissionHint(): string {
  const capabilities = effectiveCapabilities()
  const CAP_SYS_ADMIN = 21n
  const CAP_BPF = 39n
  const has = (bit: bigint): boolean => ((capabilities >> bit) & 1n) === 1n
  if (!has(CAP_SYS_ADMIN) && !has(CAP_BPF)) {
    return 'Run it as root, or with CAP_BPF and CAP_PERFMON (CAP_NET_ADMIN for networking programs).'
  }
  if (lockdown() === 'confidentiality') {
    return 'The kernel is locked down (/sys/kernel/security/lockdown: confidentiality).'
  }
  const limit = bpfCountsAsLocked() ? memlockLimit() : undefined
  if (limit !== undefined) return memlockHint('Before Linux 5.11 maps and programs', limit)
  return has(CAP_SYS_ADMIN)
    ? 'This process has the capabilities: look for a security module or a sandbox that forbids it.'
    : 'CAP_BPF alone is not enough here: add CAP_PERFMON, CAP_NET_ADMIN or run it as root.'
}

function effectiveCapabilities(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))
  return BigInt(`0x${line?.[1] ?? '0'}`)
}

function lockdown(): string | undefined {
  try {
    return /\[(\w+)\]/.exec(readFileSync('/sys/kernel/security/lockdown', 'latin1'))?.[1]
  } catch {
    return undefined // securityfs is not mounted, or the kernel has no lockdown.
  }
}
