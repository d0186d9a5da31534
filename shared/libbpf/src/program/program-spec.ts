import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { nameOf, numberOf } from '../errors/names.ts'
import { captured, libbpfCause } from '../ffi/print.ts'
import { checkU32 } from '../ffi/range.ts'
import type { ObjectHandle } from '../object/native/handle.ts'
import { explainTarget } from '../object/load/causes/target-cause.ts'
import { ATTACH_TYPES } from './attach-types.ts'
import type { AttachType } from './attach-types.ts'
import * as c from './bindings.ts'
import { PROGRAM_TYPES } from './program-types.ts'
import type { ProgramType } from './program-types.ts'

/** What libbpf says about a target that is not in the kernel's BTF. */
const NO_TARGET = ['ESRCH', 'ENOENT']

/** One program of an object that is not loaded yet; what is set here decides how load() loads it. */
export class ProgramSpec {
  readonly name: string
  /** The section it was compiled into, which says what it attaches to: `tracepoint/sched/sched_switch`. */
  readonly section: string
  readonly #program: bigint
  readonly #handle: ObjectHandle

  /** Made by `BpfObject.open()`. */
  constructor(handle: ObjectHandle, program: bigint) {
    this.#handle = handle
    this.#program = program
    this.name = c.bpf_program__name(program)
    this.section = c.bpf_program__section_name(program)
  }

  /** Program type; `unspec` if the section's name does not tell it. */
  get type(): ProgramType | `type ${number}` {
    return nameOf(PROGRAM_TYPES, c.bpf_program__type(this.#read()))
  }
  set type(type: ProgramType) {
    const n = numberOf(PROGRAM_TYPES, type, 'set program type')
    this.#set('type', (program) => c.bpf_program__set_type(program, n))
  }

  /** The attach type that the verifier checks it for. */
  get attachType(): AttachType | `type ${number}` {
    return nameOf(ATTACH_TYPES, c.bpf_program__expected_attach_type(this.#read()))
  }
  set attachType(type: AttachType) {
    const n = numberOf(ATTACH_TYPES, type, 'set attach type')
    this.#set('attachType', (program) => c.bpf_program__set_expected_attach_type(program, n))
  }

  /** Whether load() loads it; false for `SEC("?…")`. */
  get autoload(): boolean {
    return c.bpf_program__autoload(this.#read())
  }
  set autoload(yes: boolean) {
    this.#set('autoload', (program) => c.bpf_program__set_autoload(program, yes))
  }

  /** Whether the object's attach() attaches it. */
  get autoattach(): boolean {
    return c.bpf_program__autoattach(this.#read())
  }
  set autoattach(yes: boolean) {
    this.#set('autoattach', (program) => {
      c.bpf_program__set_autoattach(program, yes)
      return 0
    })
  }

  /** `BPF_F_…` bits of program load: sleepable, XDP frags, … */
  get flags(): number {
    return c.bpf_program__flags(this.#read())
  }
  set flags(flags: number) {
    this.#setU32('flags', flags, c.bpf_program__set_flags)
  }

  /** How much the verifier tells: 0 only when it rejects, 1 its steps, 2 more, 4 statistics. */
  get logLevel(): number {
    return c.bpf_program__log_level(this.#read())
  }
  set logLevel(level: number) {
    this.#setU32('logLevel', level, c.bpf_program__set_log_level)
  }

  /** Loads it for this network interface only (hardware offload, or XDP metadata kfuncs). */
  setIfindex(ifindex: number): void {
    checkU32(ifindex, 'set ifindex of program', this.name)
    this.#set('ifindex', (program) => {
      c.bpf_program__set_ifindex(program, ifindex)
      return 0
    })
  }

  /**
   * Chooses what a fentry, fexit, fmod_ret, tp_btf, lsm, iter or freplace program attaches to.
   * @param target kernel function, tracepoint or LSM hook; or a function of `program`
   * @param program the BPF program to attach to, for freplace and for tracing another program
   * @throws {BpfError} if the kernel has no such target, with close names
   */
  setAttachTarget(target: string, program?: { readonly fd: number }): void {
    this.#set(
      'attach target',
      (own) => c.bpf_program__set_attach_target(own, program?.fd ?? 0, target),
      (code) =>
        program === undefined && NO_TARGET.includes(code)
          ? explainTarget(this.section, target)
          : undefined,
    )
  }

  /** Its instructions as the object file has them, 8 bytes each, before libbpf relocates them. */
  get instructions(): Uint8Array {
    return c.instructionsOf(this.#read())
  }

  /** @throws {BpfError} always: only a loaded program can be attached */
  attach(): never {
    this.#handle.assertLoaded('attach program', this.name)
    throw new BpfError({
      operation: 'attach program',
      subject: this.name,
      problem: 'this is the setting of a program, not the loaded program',
      hint: 'Attach the one in what load() returned.',
    })
  }

  #read(): bigint {
    this.#handle.assertOpen('read setting of program', this.name)
    return this.#program
  }

  #setU32(setting: string, value: number, set: (program: bigint, value: number) => number): void {
    checkU32(value, `set ${setting} of program`, this.name)
    this.#set(setting, (program) => set(program, value))
  }

  #set(
    setting: string,
    set: (program: bigint) => number,
    explain?: (code: string) => { problem: string; hint: string } | undefined,
  ): void {
    const operation = `set ${setting} of program`
    this.#handle.assertNotLoaded(operation, this.name)
    const { value: errno, messages } = captured(() => set(this.#program))
    if (errno >= 0) return
    const cause = libbpfCause(messages)
    const known = explain?.(errnoCode(errno)) ?? { problem: cause?.message }
    throw new BpfError({ operation, subject: this.name, errno, ...known, cause })
  }
}
