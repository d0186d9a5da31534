import { closeSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { checkU32 } from '../ffi/range.ts'
import type { Link } from '../link/link.ts'
import { closedProperly, warnIfLeaked } from '../object/native/leak.ts'
import type { ObjectHandle } from '../object/native/handle.ts'
import { openPinned, pin, unpin } from '../raw/pin.ts'
import type { AttachType } from './attach-types.ts'
import { attachBySection } from './attach/by-section.ts'
import { bpf_program__autoattach, instructionsOf } from './bindings.ts'
import { jitedCode, lineInfo, programInfo, xlatedCode } from './info.ts'
import type { LineInfo, ProgramInfo } from './info.ts'
import { NetworkHooks } from './network-hooks.ts'
import type { ProgramType } from './program-types.ts'
import { readStream } from './streams.ts'
import { testRun } from './test-run.ts'
import type { TestRunOptions, TestRunResult } from './test-run.ts'

const bpf_prog_get_fd_by_id = bindLibbpf<(id: number) => number>(
  'int bpf_prog_get_fd_by_id(uint32_t)',
)

/** What a {@link Program} is made of. */
export interface ProgramInit {
  name: string
  section?: string | undefined
  type: ProgramType | `type ${number}`
  attachType?: AttachType | `type ${number}` | undefined
  fd: number
  /** The object it belongs to, and its `struct bpf_program *`; without it the program closes `fd` itself. */
  native?: { handle: ObjectHandle; pointer: bigint } | undefined
  pinPath?: string | undefined
}

/** A program in the kernel. */
export class Program extends NetworkHooks implements Disposable {
  readonly name: string
  /** The section it was compiled into; unknown for a program opened by id or path. */
  readonly section: string | undefined
  readonly type: ProgramType | `type ${number}`
  readonly attachType: AttachType | `type ${number}` | undefined
  readonly #fd: number
  readonly #native: ProgramInit['native']
  #pinPath: string | undefined
  #closed = false

  /** Made by `spec.load()`, {@link Program.open} and {@link Program.byId}. */
  constructor(init: ProgramInit) {
    super()
    this.name = init.name
    this.section = init.section
    this.type = init.type
    this.attachType = init.attachType
    this.#fd = init.fd
    this.#native = init.native
    this.#pinPath = init.pinPath
    if (!init.native) warnIfLeaked(this, `program '${init.name}'`)
  }

  /**
   * Opens a pinned program.
   * @throws {BpfError} if nothing is pinned there, or something else than a program
   */
  static open(path: string): Program {
    return fromFd(openPinned('program', path), path)
  }

  /**
   * Opens a program by the id that bpftool shows.
   * @throws {BpfError} if there is no such program, or without privilege
   */
  static byId(id: number): Program {
    checkU32(id, 'open program by id')
    const fd = bpf_prog_get_fd_by_id(id)
    if (fd >= 0) return fromFd(fd)
    const hint = errnoCode(fd) === 'ENOENT' ? 'Look with: bpftool prog list' : undefined
    throw new BpfError({ operation: 'open program by id', subject: `${id}`, errno: fd, hint })
  }

  /** Whether `close()` was called here or on the object that the program belongs to. */
  get closed(): boolean {
    return this.#closed || this.#native?.handle.closed === true
  }

  /**
   * File descriptor; it stays the program's, do not close it.
   * @throws {ClosedError} after close()
   */
  get fd(): number {
    return this.#use('use program')
  }

  /** Id by which bpftool knows the program. */
  get id(): number {
    return this.info().id
  }

  /** What the kernel knows about the program now, run count and time among it. */
  info(): ProgramInfo {
    return programInfo(this.fdFor('read info of program'))
  }

  /**
   * The instructions as libbpf gave them to the kernel, 8 bytes each: relocated, and not yet seen by the verifier.
   * @throws {BpfError} for a program that was opened by id or path
   */
  get instructions(): Uint8Array {
    const operation = 'read instructions of program'
    if (this.#native) return instructionsOf(this.native(operation))
    throw new BpfError({
      operation,
      subject: this.name,
      problem: 'it was opened by id or path, and only the process that loaded it has them',
      hint: 'What the kernel runs is in xlated().',
    })
  }

  /** The instructions as the verifier left them, 8 bytes each. */
  xlated(): Uint8Array {
    return xlatedCode(this.fdFor('read instructions of program'))
  }

  /** The lines of the source that its instructions come from; needs CAP_SYS_ADMIN. */
  lineInfo(): LineInfo[] {
    return lineInfo(this.fdFor('read line info of program'))
  }

  /** The machine code that the JIT made of the program; empty if it is off or kernel addresses are hidden. */
  jited(): Uint8Array {
    return jitedCode(this.fdFor('read machine code of program'))
  }

  /**
   * Attaches the program to what its section says: `SEC("tracepoint/sched/sched_switch")`.
   * @throws {BpfError} if the section says only its type (`SEC("xdp")`): use attachXdp() and the like
   */
  attach(): Link {
    return attachBySection(this)
  }

  /** {@link Program.attach}, or undefined if the section says only the type of the program. */
  attachIfSectionSays(): Link | undefined {
    try {
      return this.attach()
    } catch (error) {
      if (error instanceof BpfError && error.code === 'EOPNOTSUPP') return undefined
      throw error
    }
  }

  /** Whether the object's attach() attaches it. */
  get autoattach(): boolean {
    return this.#native !== undefined && bpf_program__autoattach(this.native('read program'))
  }

  /**
   * Runs the program once or more in the kernel with the given input (BPF_PROG_TEST_RUN).
   * @throws {BpfError} for program types that cannot be run that way
   */
  testRun(options: TestRunOptions = {}): TestRunResult {
    return testRun(this.#use('run program'), this.name, this.type, options)
  }

  /**
   * What the program printed with bpf_stream_printk(), or the kernel reported about it, since the last read.
   * @throws {UnsupportedError} before Linux 6.17 or libbpf 1.6
   */
  readStream(stream: 'stdout' | 'stderr' = 'stdout'): string {
    return readStream(this.fdFor('read stream of program'), this.name, stream)
  }

  /**
   * Keeps the program in the kernel after this process ends.
   * @param path in a BPF file system
   */
  pin(path: string): void {
    pin('program', this.#use('pin program'), this.name, path)
    this.#pinPath = path
  }

  /** Removes the pin that pin() made or that it was opened from, or another one. */
  unpin(path = this.#pinPath): void {
    this.fdFor('unpin program')
    if (path === undefined) {
      throw new BpfError({
        operation: 'unpin program',
        subject: this.name,
        problem: 'it was not pinned here',
        hint: 'Say where: program.unpin(path).',
      })
    }
    unpin('program', this.name, path)
    if (path === this.#pinPath) this.#pinPath = undefined
  }

  /** Closes a program that was opened by id or path; one of an object is closed with its object. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#native) return
    closedProperly(this)
    closeSync(this.#fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** File descriptor for one operation, which names the error if the program is closed. */
  fdFor(operation: string): number {
    if (this.#closed) throw new ClosedError(operation, this.name)
    this.#native?.handle.assertOpen(operation, this.name)
    return this.#fd
  }

  #use(operation: string): number {
    const fd = this.fdFor(operation)
    this.#native?.handle.used()
    return fd
  }

  override native(operation: string): bigint {
    this.fdFor(operation)
    if (operation === 'attach program') this.#native?.handle.used()
    if (this.#native) return this.#native.pointer
    throw new BpfError({
      operation,
      subject: this.name,
      problem: 'it was opened by id or path, and libbpf attaches only programs that it loaded',
      hint: 'Attach it in the process that loads its object.',
    })
  }

  override hold(): { release(): void } {
    return this.#native?.handle.hold() ?? { release: () => undefined }
  }
}

function fromFd(fd: number, pinPath?: string): Program {
  try {
    const { name, type } = programInfo(fd)
    return new Program({ name, type, fd, pinPath })
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
