// oxlint-disable typescript/no-unsafe-type-assertion -- a skeleton states the types, openings check their layout
import { ProgramSpec } from '../program/program-spec.ts'
import type { BpfObject } from './bpf-object.ts'
import { InitialValue, sectionVariables } from './data-section.ts'
import type { Variables } from './data-section.ts'
import type { ObjectHandle } from './native/handle.ts'
import { load } from './load/load.ts'
import { MapSpec } from './map-spec.ts'
import { nativeMaps, nativePrograms } from './native/object-maps.ts'
import type { NativeMap } from './native/object-maps.ts'
import type { ObjectCodecs, OpenOptions } from './options.ts'
import { lazyRecord, lookUp } from './record.ts'
import type { AnyShape, Shape } from './shape.ts'

/** What the live object is made from. */
export interface Opened {
  handle: ObjectHandle
  codecs: ObjectCodecs
  maps: readonly NativeMap[]
  programs: readonly bigint[]
  /** Verifier logs of the programs that were loaded with one, by name. */
  logs: ReadonlyMap<string, string>
}

/**
 * An object file that is open but not loaded: set its maps, programs and constants, then load() it.
 */
export class BpfObjectSpec<S extends Shape = AnyShape> implements Disposable {
  /** Name of the object. */
  readonly name: string
  /** Settings of the maps by name; those of sections are called `rodata`, `data`, `bss`, … */
  readonly maps: { readonly [N in keyof S['maps']]: MapSpec }
  /** Settings of the programs by name. */
  readonly programs: { readonly [N in S['programs']]: ProgramSpec }
  /** Initial values of the global variables: `spec.data.rodata.target_pid = 42`. */
  readonly data: S['data']
  readonly #opened: Omit<Opened, 'logs'>
  readonly #initial: InitialValue[] = []
  readonly #options: OpenOptions
  readonly #live: (opened: Opened) => BpfObject<S>

  /** Made by `BpfObject.open()`, which passes in how the live object is made. */
  constructor(handle: ObjectHandle, options: OpenOptions, live: (opened: Opened) => BpfObject<S>) {
    const object = handle.pointer('open object')
    const maps = nativeMaps(object)
    const programs = nativePrograms(object)
    this.name = handle.name
    this.#opened = { handle, codecs: options.codecs ?? {}, maps, programs }
    this.#options = options
    this.#live = live
    this.maps = lazyRecord(
      maps.map(({ key, pointer }) => [key, new MapSpec(handle, pointer, key)]),
      'map',
      this.name,
    ) as typeof this.maps
    this.programs = lazyRecord(
      programs.map((pointer) => new ProgramSpec(handle, pointer)).map((spec) => [spec.name, spec]),
      'program',
      this.name,
    ) as typeof this.programs
    this.data = lazyRecord(
      maps.flatMap((map) => this.#variables(map)),
      'section of variables',
      this.name,
    ) as S['data']
  }

  /** Whether close() was called; a spec that was loaded counts as open as long as the live object is. */
  get closed(): boolean {
    return this.#opened.handle.closed
  }

  /**
   * Settings of a map by name.
   * @throws {BpfError} if there is none
   */
  map(name: string): MapSpec {
    return lookUp(this.maps as Record<string, MapSpec>, name, 'map', this.name)
  }

  /**
   * Settings of a program by name.
   * @throws {BpfError} if there is none
   */
  program(name: string): ProgramSpec {
    return lookUp(this.programs as Record<string, ProgramSpec>, name, 'program', this.name)
  }

  /**
   * Creates the maps and loads the programs into the kernel; the spec is spent then.
   * @throws {VerifierError} if the kernel's verifier rejects a program
   * @throws {UnsupportedError} if kernel or libbpf lack a map or program type
   * @throws {BpfError} if anything else fails, among it a second load()
   */
  load(): BpfObject<S> {
    const { handle } = this.#opened
    handle.assertNotLoaded('load object', this.name)
    for (const value of this.#initial) value.release()
    const logs = load(handle, {
      programs: Object.values(this.programs as Record<string, ProgramSpec>),
      maps: Object.values(this.maps as Record<string, MapSpec>),
      btf: this.#options.btf,
      onMessage: this.#options.onMessage,
    })
    try {
      return this.#live({ ...this.#opened, logs })
    } catch (error) {
      handle.close()
      throw error
    }
  }

  /** @throws {BpfError} always: programs are attached after load() */
  attach(): never {
    this.#opened.handle.assertLoaded('attach object', this.name)
    throw this.#opened.handle.spent('attach object')
  }

  /** Frees the object; after load() the live object has it, and this does nothing. */
  close(): void {
    if (this.#opened.handle.state !== 'loaded') this.#opened.handle.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #variables({ section = '', pointer }: NativeMap): (readonly [string, Variables])[] {
    const fields = this.#opened.codecs.data?.[section]?.fields
    if (!fields || fields.length === 0) return []
    const memory = new InitialValue(this.#opened.handle, pointer, section)
    this.#initial.push(memory)
    return [[section, sectionVariables(section, fields, memory, true)]]
  }
}
