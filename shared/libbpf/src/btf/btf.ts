import { readFileSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { parseElf } from '../elf/elf.ts'
import { cString } from '../elf/reader.ts'
import { readById } from './by-id.ts'
import { type TypeSource, decodeType } from './decode-type.ts'
import { type BtfTable, malformed, readTable } from './header.ts'
import { type BtfKind, EXTRA, KIND, KINDS } from './kinds.ts'
import type { BtfType, BtfTypeByKind } from './types.ts'
import { checkTypes } from './validate.ts'

const KERNEL = '/sys/kernel/btf/vmlinux'

/**
 * The types of a BPF object, the kernel or a module (Documentation/bpf/btf.rst).
 *
 * Reading makes one pass that finds where each type begins; types become objects when they are asked for.
 */
export class Btf implements TypeSource {
  readonly words: Uint32Array
  /** Whether the file stores the low byte first. */
  readonly littleEndian: boolean
  /** What a split BTF (a module's) builds on: its ids and strings come first. */
  readonly base: Btf | undefined
  readonly #table: BtfTable
  readonly #firstId: number
  readonly #firstString: number
  readonly #cache = new Map<number, BtfType>()

  private constructor(table: BtfTable, base: Btf | undefined) {
    this.words = table.words
    this.littleEndian = table.littleEndian
    this.base = base
    this.#table = table
    this.#firstId = base ? base.length : 1
    this.#firstString = base ? base.stringsLength : 0
  }

  /**
   * Reads raw BTF, as in an ELF's `.BTF` section or below /sys/kernel/btf.
   *
   * @throws BpfError when it is not BTF or is truncated.
   */
  static parse(bytes: Uint8Array, options: { base?: Btf } = {}): Btf {
    return new Btf(readTable(bytes), options.base)
  }

  /**
   * Reads the `.BTF` section of an ELF file: a BPF object, a kernel image, a module.
   *
   * @throws BpfError when there is none, or types refer to what does not exist.
   */
  static fromElf(bytes: Uint8Array, options: { base?: Btf } = {}): Btf {
    const section = parseElf(bytes).section('.BTF')
    if (!section) {
      throw new BpfError({
        operation: 'read BTF',
        expected: 'an ELF file with a .BTF section',
        got: 'none',
        hint: 'compile with -g (and do not strip it)',
      })
    }
    const btf = Btf.parse(section.data, options)
    checkTypes(btf)
    return btf
  }

  /**
   * Reads the running kernel's BTF; each call reads it anew.
   *
   * @throws BpfError when the kernel was built without CONFIG_DEBUG_INFO_BTF.
   */
  static kernel(): Btf {
    return Btf.parse(readSysfs(KERNEL, 'a kernel with CONFIG_DEBUG_INFO_BTF=y is needed'))
  }

  /**
   * Reads a loaded module's BTF, split from the kernel's.
   *
   * @throws BpfError when the module is not loaded or has no BTF.
   */
  static module(name: string, options: { base?: Btf } = {}): Btf {
    const hint = `load it (modprobe ${name}) and build it with CONFIG_DEBUG_INFO_BTF_MODULES=y`
    const bytes = readSysfs(`/sys/kernel/btf/${name}`, hint)
    return Btf.parse(bytes, { base: options.base ?? Btf.kernel() })
  }

  /**
   * Reads BTF that is loaded in the kernel by its id (BPF_BTF_GET_FD_BY_ID); needs CAP_SYS_ADMIN.
   *
   * @throws BpfError when there is none of this id, or without privilege.
   */
  static byId(id: number, options: { base?: Btf } = {}): Btf {
    const { bytes, split } = readById(id)
    return Btf.parse(bytes, split ? { base: options.base ?? Btf.kernel() } : {})
  }

  /** Number of types including the base's and void: ids run from 0 to length - 1. */
  get length(): number {
    return this.#firstId + this.#table.starts.length
  }

  /** Bytes of strings including the base's. */
  get stringsLength(): number {
    return this.#firstString + this.#table.strings.length
  }

  /** The id of the first type of its own: 1, or what follows the base. */
  get firstId(): number {
    return this.#firstId
  }

  /** @throws BpfError when there is no type of this id. */
  type(id: number): BtfType {
    if (id === 0) return { kind: 'void', id, name: 'void' }
    if (this.base && id < this.#firstId) return this.base.type(id)
    const known = this.#cache.get(id)
    if (known) return known
    const start = this.#table.starts[id - this.#firstId]
    if (start === undefined) throw malformed('type id', `below ${this.length}`, `${id}`)
    const type = decodeType(this, start, id)
    this.#cache.set(id, type)
    return type
  }

  /**
   * The first type of a name, a split BTF's own before the base's; `struct event` is name `event`,
   * kind `struct`. Names of different kinds do not collide.
   */
  find(name: string): BtfType | undefined
  find<K extends BtfKind>(name: string, kind: K): BtfTypeByKind[K] | undefined
  find(name: string, kind?: BtfKind): BtfType | undefined {
    return this.findAny(name, kind)
  }

  /** Like {@link find}, for a kind that is not known beforehand. */
  findAny(name: string, kind: BtfKind | undefined): BtfType | undefined {
    const [first] = this.#search(name, kind, 1)
    return first === undefined ? this.base?.findAny(name, kind) : this.type(first)
  }

  /** Every type of a name. */
  findAll(name: string, kind?: BtfKind): BtfType[] {
    const own = this.#search(name, kind, Infinity).map((id) => this.type(id))
    return this.base ? [...this.base.findAll(name, kind), ...own] : own
  }

  /** Every type by ascending id, without void and without the base's. */
  *types(): Generator<BtfType, void, undefined> {
    for (let id = this.#firstId; id < this.length; id++) yield this.type(id)
  }

  /** Where the name of a type is in the strings; 0 for none. */
  nameOffset(id: number): number {
    if (this.base && id < this.#firstId) return this.base.nameOffset(id)
    return this.words[this.#table.starts[id - this.#firstId] ?? -1] ?? 0
  }

  /** The kind of a type as its number, without making the type. */
  kindNumber(id: number): number {
    if (this.base && id < this.#firstId) return this.base.kindNumber(id)
    const start = this.#table.starts[id - this.#firstId]
    return start === undefined ? 0 : ((this.words[start + 1] ?? 0) >>> 24) & 0x1f
  }

  /** The string offsets that a type's own record holds: its name, its members' names. */
  nameOffsets(id: number): number[] {
    const start = this.#table.starts[id - this.#firstId]
    if (start === undefined) return []
    const info = this.words[start + 1] ?? 0
    const kind = (info >>> 24) & 0x1f
    const offsets = [this.words[start] ?? 0]
    const [fixed, each] = EXTRA[kind] ?? [0, 0]
    // A datasec's entries begin with a type id, all others with a name.
    if (each === 0 || kind === KIND.datasec) return offsets
    for (let entry = 0; entry < (info & 0xffff); entry++) {
      offsets.push(this.words[start + 3 + (fixed + entry * each) / 4] ?? 0)
    }
    return offsets
  }

  /** The string at an offset of `name_off`; empty for what lies outside. */
  string(offset: number): string {
    if (offset === 0) return ''
    if (this.base && offset < this.#firstString) return this.base.string(offset)
    return cString(this.#table.strings, offset - this.#firstString) ?? ''
  }

  /** Compares names as bytes, so that a search makes no strings. */
  #search(name: string, kind: BtfKind | undefined, limit: number): number[] {
    const wanted = Buffer.from(name, 'utf8')
    const kindNumber = kind === undefined ? -1 : KINDS.indexOf(kind)
    const { words, starts, strings } = this.#table
    const found: number[] = []
    for (let index = 0; index < starts.length && found.length < limit; index++) {
      const start = starts[index] ?? 0
      if (kindNumber >= 0 && (((words[start + 1] ?? 0) >>> 24) & 0x1f) !== kindNumber) continue
      const offset = (words[start] ?? 0) - this.#firstString
      if (wanted.length === 0 ? words[start] === 0 : holds(strings, offset, wanted)) {
        found.push(this.#firstId + index)
      }
    }
    return found
  }
}

function holds(strings: Uint8Array, offset: number, wanted: Uint8Array): boolean {
  if (offset <= 0 || strings[offset + wanted.length] !== 0) return false
  for (let index = 0; index < wanted.length; index++) {
    if (strings[offset + index] !== wanted[index]) return false
  }
  return true
}

function readSysfs(path: string, hint: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new BpfError({
      operation: 'read BTF',
      subject: path,
      problem: 'no such BTF',
      hint,
      cause,
    })
  }
}
