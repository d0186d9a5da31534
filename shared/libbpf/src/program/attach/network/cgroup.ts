import { closeSync, constants, openSync } from 'node:fs'
import { BpfError } from '../../../errors/bpf-error.ts'
import { bpf_link_create } from '../../../link/bindings.ts'
import type { Link } from '../../../link/link.ts'
import type { AttachType } from '../../attach-types.ts'
import { ATTACH_TYPES } from '../../attach-types.ts'
import { PROGRAM_TYPES } from '../../program-types.ts'
import type { Cause } from '../attach-error.ts'
import { createLink } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'
import { attachTypeNumber, orderOpts } from './link-opts.ts'
import type { OrderOptions } from './link-opts.ts'

/** How a program is attached to a cgroup. */
export interface CgroupOptions extends OrderOptions {
  /** What it is attached as, where the section does not say it or the program was opened by id or path. */
  attachType?: AttachType
}

const TYPES = PROGRAM_TYPES.filter(
  (type) => type.startsWith('cgroup_') || type === 'sock_ops' || type === 'lsm',
)

/** Attaches a program to a cgroup (v2) and everything below it. */
export function attachCgroup(
  program: Attachable,
  cgroup: string | { readonly fd: number },
  options: CgroupOptions = {},
): Link {
  const type = options.attachType ?? known(program.attachType)
  if (type === undefined) {
    throw new BpfError({
      operation: 'attach program',
      subject: program.name,
      target: 'to a cgroup',
      expected: 'its attach type',
      got: 'a program opened by id or path, which does not tell it',
      hint: "Pass it: { attachType: 'cgroup_inet_egress' }.",
    })
  }
  const linkOpts = orderOpts(options, program.name, '1.6')
  return withFd(cgroup, 'cgroup', program.name, (target) =>
    createLink(program, {
      hook: `cgroup ${typeof cgroup === 'string' ? cgroup : `fd ${cgroup.fd}`}`,
      types: TYPES,
      create: (fd) => bpf_link_create(fd, target, attachTypeNumber(type), linkOpts),
      explain: explainCgroup,
    }),
  )
}

/** Attaches a sk_lookup or flow_dissector program to a network namespace, this thread's own if none is given. */
export function attachNetns(
  program: Attachable,
  netns: string | { readonly fd: number } = '/proc/thread-self/ns/net',
): Link {
  const type = program.type === 'sk_lookup' ? 'sk_lookup' : 'flow_dissector'
  return withFd(netns, 'network namespace', program.name, (target) =>
    createLink(program, {
      hook: `network namespace ${typeof netns === 'string' ? netns : `fd ${netns.fd}`}`,
      types: ['sk_lookup', 'flow_dissector'],
      create: (fd) => bpf_link_create(fd, target, attachTypeNumber(type), null),
      explain: explainNetns,
    }),
  )
}

const LOOK: Readonly<Record<string, string>> = {
  cgroup: 'Make it (mkdir), or look where they are: findmnt -t cgroup2',
  'network namespace': 'Look with: ip netns list, lsns -t net',
}

/** Opens a path for as long as `use` takes: a link holds what it was made for by itself. */
export function withFd<T>(
  target: string | { readonly fd: number },
  what: string,
  program: string,
  use: (fd: number) => T,
): T {
  if (typeof target !== 'string') return use(target.fd)
  let fd: number
  try {
    fd = openSync(target, constants.O_RDONLY)
  } catch (cause) {
    const gone = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new BpfError({
      operation: 'attach program',
      subject: program,
      target: `to ${what} ${target}`,
      problem: gone ? `there is no such ${what}` : problem,
      hint: gone ? LOOK[what] : undefined,
      cause,
    })
  }
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function known(type: Attachable['attachType']): AttachType | undefined {
  return ATTACH_TYPES.find((name) => name === type)
}

function explainCgroup(code: string): Cause | undefined {
  switch (code) {
    case 'EBADF':
      return {
        problem: 'it is not a folder of a cgroup v2 file system',
        hint: 'Look with: findmnt -t cgroup2',
      }
    case 'EINVAL':
      return { hint: 'The attach type does not fit the program, or the kernel is older than 5.7.' }
    case 'EPERM':
      return undefined
    default:
      return undefined
  }
}

function explainNetns(code: string): Cause | undefined {
  switch (code) {
    case 'EINVAL':
      return { problem: 'it is not a network namespace, or the kernel is older than 5.9' }
    case 'E2BIG':
    case 'EEXIST':
      return { problem: 'the namespace has a flow dissector already, and takes only one' }
    default:
      return undefined
  }
}
