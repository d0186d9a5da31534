import { closeSync } from 'node:fs'
import * as link from '../../link/bindings.ts'
import { Link } from '../../link/link.ts'
import { errno } from '../../ffi/library.ts'
import type { Pointer } from '../../ffi/library.ts'
import { captured } from '../../ffi/print.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import type { AttachType } from '../attach-types.ts'
import type { ProgramType } from '../program-types.ts'
import { attachError } from './attach-error.ts'
import type { Explain } from './attach-error.ts'

/** What attaching needs of a program. */
export interface Attachable {
  readonly name: string
  readonly section: string | undefined
  readonly type: ProgramType | `type ${number}`
  /** What it was loaded to be attached as; unknown for a program opened by id or path. */
  readonly attachType: AttachType | `type ${number}` | undefined
  readonly fd: number
  readonly closed: boolean
  /** The `struct bpf_program *`. */
  native(operation: string): bigint
  /** Keeps the C object for as long as a link needs it. */
  hold(): { release(): void }
}

/** One way to attach a program. */
export interface Attempt {
  /** Where to, for errors: `tracepoint sched/sched_switch`. */
  hook: string
  /** Types of programs that the hook takes. */
  types: readonly ProgramType[]
  /** Calls libbpf; NULL and errno mean failure. */
  call(program: bigint): Pointer
  /** Finds the cause of a failure that errno alone does not tell. */
  explain?: Explain
  /** The link is made of parts that live in the C object, and has no file descriptor of its own. */
  composite?: boolean
}

/**
 * Attaches a program and owns the link.
 * @throws {BpfError} if the program is of another type, or libbpf or the kernel refuses
 */
export function attach(program: Attachable, attempt: Attempt): Link {
  requireType(program, attempt.hook, attempt.types)
  const native = program.native('attach program')
  const { value, messages } = captured(() => {
    const pointer = attempt.call(native)
    return { pointer, errno: pointer === null ? errno() : 0 }
  })
  if (value.pointer === null) {
    throw attachError(
      { program, hook: attempt.hook, errno: value.errno, messages },
      attempt.explain,
    )
  }
  return linkOf(program, attempt, value.pointer)
}

function linkOf(program: Attachable, attempt: Attempt, pointer: bigint): Link {
  const hold = attempt.composite ? program.hold() : undefined
  return new Link({
    what: `'${program.name}' to ${attempt.hook}`,
    fd: attempt.composite ? undefined : link.bpf_link__fd(pointer),
    destroy: () => {
      link.bpf_link__destroy(pointer)
      hold?.release()
    },
  })
}

/** One way to attach a program with BPF_LINK_CREATE, which works for programs opened by id or path too. */
export interface LinkAttempt {
  hook: string
  types: readonly ProgramType[]
  /** Calls bpf_link_create(); returns the link's file descriptor or `-errno`. */
  create(programFd: number): number
  explain?: Explain
}

/**
 * Attaches a program by creating its link directly.
 * @throws {BpfError} if the program is of another type, or libbpf or the kernel refuses
 */
export function createLink(program: Attachable, attempt: LinkAttempt): Link {
  requireType(program, attempt.hook, attempt.types)
  const { value: fd, messages } = captured(() => attempt.create(program.fd))
  if (fd < 0) {
    throw attachError({ program, hook: attempt.hook, errno: fd, messages }, attempt.explain)
  }
  return new Link({
    what: `'${program.name}' to ${attempt.hook}`,
    fd,
    destroy: () => closeSync(fd),
  })
}

/** @throws {BpfError} if a hook does not take programs of this type */
export function requireType(
  program: Attachable,
  hook: string,
  types: readonly ProgramType[],
): void {
  if ((types as readonly string[]).includes(program.type)) return
  throw new BpfError({
    operation: 'attach program',
    subject: program.name,
    target: `to ${hook}`,
    expected: `a program of type ${types.join(' or ')}`,
    got: `${program.type}${program.section === undefined ? '' : ` from section '${program.section}'`}`,
    hint: 'The section in the source, SEC("…"), decides what a program can attach to.',
  })
}
