// oxlint-disable typescript/no-unsafe-type-assertion -- a skeleton states the types, opening checks their layout
import { attachAll } from '../link/links.ts'
import type { Links } from '../link/links.ts'
import type { Link } from '../link/link.ts'
import type { MapBase } from '../maps/map.ts'
import type { Program } from '../program/program.ts'
import * as c from './native/bindings.ts'
import { checkArchitecture } from './check/architecture.ts'
import { checkObject } from './check/check.ts'
import type { ObjectHandle } from './native/handle.ts'
import { deriveCodecs } from './layout.ts'
import { liveMap, liveProgram, liveSection } from './load/live.ts'
import { openNative } from './native/open.ts'
import type { NativeMap } from './native/object-maps.ts'
import { BpfObjectSpec } from './object-spec.ts'
import type { Opened } from './object-spec.ts'
import type { OpenOptions } from './options.ts'
import { lazyRecord, lookUp } from './record.ts'
import type { AnyShape, Shape } from './shape.ts'
import { readSource } from './source.ts'
import type { ObjectSource } from './source.ts'
import { attachStructOps } from './native/struct-ops.ts'

/** A loaded object: its programs and maps are in the kernel until it is closed. */
export class BpfObject<S extends Shape = AnyShape> implements Disposable {
  /** Name of the object. */
  readonly name: string
  /** Maps by name; those of sections are called `rodata`, `data`, `bss`, … */
  readonly maps: S['maps']
  /** Programs by name. */
  readonly programs: { readonly [N in S['programs']]: Program }
  /** Global variables, live: `.data` and `.bss` can be written, `.rodata` and `.kconfig` only read. */
  readonly data: S['data']
  /** Verifier logs of the programs that were loaded with a log level, by name. */
  readonly logs: ReadonlyMap<string, string>
  readonly #handle: ObjectHandle
  readonly #native: readonly NativeMap[]

  /** Made by `spec.load()`. */
  constructor({ handle, codecs, maps, programs, logs }: Opened) {
    this.#handle = handle
    this.#native = maps
    this.name = handle.name
    this.logs = logs
    this.maps = lazyRecord(
      maps.map((map) => [map.key, liveMap(handle, map, codecs.maps?.[map.key])]),
      'map',
      this.name,
    ) as S['maps']
    this.programs = lazyRecord(
      programs.map((pointer) => liveProgram(handle, pointer)),
      'program',
      this.name,
    ) as typeof this.programs
    this.data = lazyRecord(
      maps.flatMap((map) => liveSection(handle, map, codecs.data?.[map.section ?? '']?.fields)),
      'section of variables',
      this.name,
    ) as S['data']
    const attachable = Object.values<Program>(this.programs).filter(({ autoattach }) => autoattach)
    handle.expectUse(attachable.map(({ name }) => name))
  }

  /**
   * Opens an object file that clang made.
   * @param source path, `file:` URL or bytes
   * @returns what can be set before load()
   * @throws {BpfError} if it is not a BPF object for this machine
   */
  static open<S extends Shape = AnyShape>(
    source: ObjectSource,
    options: OpenOptions = {},
  ): BpfObjectSpec<S> {
    const read = readSource(source)
    const name = options.name ?? read.name
    const elf = checkObject(read.bytes, name)
    if (!options.anyArchitecture) checkArchitecture(elf, name)
    const codecs = deriveCodecs(elf, read.bytes, options.codecs)
    const handle = openNative(read.bytes, name, options)
    return new BpfObjectSpec<S>(
      handle,
      { ...options, codecs },
      (opened) => new BpfObject<S>(opened),
    )
  }

  /** Whether close() was called. */
  get closed(): boolean {
    return this.#handle.closed
  }

  /** All of `logs` in one. */
  get log(): string {
    return [...this.logs.values()].join('\n')
  }

  /**
   * A map by name.
   * @throws {BpfError} if there is none
   */
  map(name: string): MapBase {
    return lookUp(this.maps as Record<string, MapBase>, name, 'map', this.name)
  }

  /**
   * A program by name.
   * @throws {BpfError} if there is none
   */
  program(name: string): Program {
    return lookUp(this.programs as Record<string, Program>, name, 'program', this.name)
  }

  /**
   * Attaches every program whose section says where to, and every struct_ops map.
   * If one fails, those before it are detached again.
   * @throws {BpfError} if one cannot be attached, or none says where to
   */
  attach(): Links<S['programs']> {
    this.#handle.assertOpen('attach object')
    return attachAll(this.name, this.#attachments())
  }

  /**
   * Registers a struct_ops map with the kernel, such as a TCP congestion control.
   * @param name of the variable in the source
   */
  attachStructOps(name: string): Link {
    this.#handle.assertOpen('attach struct_ops', name)
    this.map(name)
    const map = this.#native.find(({ key }) => key === name)
    return attachStructOps(this.#handle, name, map?.pointer ?? 0n)
  }

  /** Closes programs and maps; links stay attached until they are closed themselves. */
  close(): void {
    this.#handle.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  *#attachments(): Generator<readonly [string, () => Link | undefined]> {
    for (const one of Object.values(this.programs as Record<string, Program>)) {
      if (one.autoattach) yield [one.name, () => one.attachIfSectionSays()]
    }
    for (const { key, pointer } of this.#native) {
      if (c.bpf_map__type(pointer) !== STRUCT_OPS || !wantsAttach(pointer)) continue
      yield [key, () => this.attachStructOps(key)]
    }
  }
}

const STRUCT_OPS = 26

/** libbpf before 1.5 cannot be told not to attach a struct_ops map. */
function wantsAttach(map: bigint): boolean {
  return c.bpf_map__autoattach.available() ? c.bpf_map__autoattach(map) : true
}
