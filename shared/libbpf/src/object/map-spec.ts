import { BpfError } from '../errors/bpf-error.ts'
import { captured, libbpfCause } from '../ffi/print.ts'
import { checkU32 } from '../ffi/range.ts'
import { mapTypeName, mapTypeNumber } from '../maps/map-type.ts'
import type { MapTypeName } from '../maps/map-type.ts'
import * as c from './native/bindings.ts'
import type { ObjectHandle } from './native/handle.ts'

/** A map that a spec may take over instead of creating its own; anything with a map's file descriptor. */
export interface HasMapFd {
  readonly fd: number
}

/** One map of an object that is not loaded yet; what is set here decides how load() creates it. */
export class MapSpec {
  readonly name: string
  readonly #map: bigint
  readonly #handle: ObjectHandle

  /** Made by `BpfObject.open()`. */
  constructor(handle: ObjectHandle, map: bigint, name: string) {
    this.#handle = handle
    this.#map = map
    this.name = name
  }

  /** Map type: `hash`, `ringbuf`, … */
  get type(): string {
    return mapTypeName(c.bpf_map__type(this.#read()))
  }
  set type(type: MapTypeName) {
    const n = mapTypeNumber(type)
    this.#set('type', (map) => c.bpf_map__set_type(map, n))
  }

  /** Most entries it holds; bytes, for a ring buffer. */
  get maxEntries(): number {
    return c.bpf_map__max_entries(this.#read())
  }
  set maxEntries(n: number) {
    this.#setU32('maxEntries', n, c.bpf_map__set_max_entries)
  }

  /** Bytes of a key. */
  get keySize(): number {
    return c.bpf_map__key_size(this.#read())
  }
  set keySize(bytes: number) {
    this.#setU32('keySize', bytes, c.bpf_map__set_key_size)
  }

  /** Bytes of a value; on a data section, resizes its last array (libbpf ≥ 1.3). */
  get valueSize(): number {
    return c.bpf_map__value_size(this.#read())
  }
  set valueSize(bytes: number) {
    this.#setU32('valueSize', bytes, c.bpf_map__set_value_size)
  }

  /** `BPF_F_…` bits of map creation. */
  get flags(): number {
    return c.bpf_map__map_flags(this.#read())
  }
  set flags(flags: number) {
    this.#setU32('flags', flags, c.bpf_map__set_map_flags)
  }

  /** NUMA node its memory comes from; needs `BPF_F_NUMA_NODE` in `flags`. */
  get numaNode(): number {
    return c.bpf_map__numa_node(this.#read())
  }
  set numaNode(node: number) {
    this.#setU32('numaNode', node, c.bpf_map__set_numa_node)
  }

  /** Network interface it is offloaded to, 0 for none. */
  get ifindex(): number {
    return c.bpf_map__ifindex(this.#read())
  }
  set ifindex(ifindex: number) {
    this.#setU32('ifindex', ifindex, c.bpf_map__set_ifindex)
  }

  /** Per-type extra, such as a bloom filter's number of hash functions. */
  get mapExtra(): bigint {
    return BigInt(c.bpf_map__map_extra(this.#read()))
  }
  set mapExtra(extra: bigint) {
    this.#set('mapExtra', (map) => c.bpf_map__set_map_extra(map, extra))
  }

  /** Whether load() creates it; programs that use a map that is not created fail the verifier. */
  get autocreate(): boolean {
    return c.bpf_map__autocreate(this.#read())
  }
  set autocreate(yes: boolean) {
    this.#set('autocreate', (map) => c.bpf_map__set_autocreate(map, yes))
  }

  /** For struct_ops: whether attach() attaches it (libbpf ≥ 1.5). */
  get autoattach(): boolean {
    return c.bpf_map__autoattach(this.#read())
  }
  set autoattach(yes: boolean) {
    this.#set('autoattach', (map) => c.bpf_map__set_autoattach(map, yes))
  }

  /** Where load() pins it, or takes it from if it is pinned there already; in a BPF file system. */
  get pinPath(): string | undefined {
    return c.bpf_map__pin_path(this.#read()) ?? undefined
  }
  set pinPath(path: string | undefined) {
    this.#set('pinPath', (map) => c.bpf_map__set_pin_path(map, path ?? null))
  }

  /** Whether libbpf made it for a section: `.rodata`, `.data`, `.bss`, `.kconfig`. */
  get internal(): boolean {
    return c.bpf_map__is_internal(this.#read())
  }

  /** BTF type ids of key and value within the object's BTF; 0 where there is none. */
  get btfTypeIds(): { key: number; value: number } {
    const map = this.#read()
    return { key: c.bpf_map__btf_key_type_id(map), value: c.bpf_map__btf_value_type_id(map) }
  }

  /** Settings of the maps that it will hold, for a map in map that says so in the source. */
  get innerMap(): MapSpec | undefined {
    const inner = c.bpf_map__inner_map(this.#read())
    return inner === null ? undefined : new MapSpec(this.#handle, inner, `${this.name}.inner`)
  }

  /** Makes load() use `map` instead of creating one; type and sizes become those of `map`. */
  reuse(map: HasMapFd): void {
    this.#set('reuse', (own) => c.bpf_map__reuse_fd(own, map.fd))
  }

  /** For a map in map: says by example what the inner maps are like. */
  setInnerMap(map: HasMapFd): void {
    this.#set('innerMap', (own) => c.bpf_map__set_inner_map_fd(own, map.fd))
  }

  #read(): bigint {
    this.#handle.assertOpen('read setting of map', this.name)
    return this.#map
  }

  #setU32(setting: string, value: number, set: (map: bigint, value: number) => number): void {
    checkU32(value, `set ${setting} of map`, this.name)
    this.#set(setting, (map) => set(map, value))
  }

  #set(setting: string, set: (map: bigint) => number): void {
    const operation = `set ${setting} of map`
    this.#handle.assertNotLoaded(operation, this.name)
    const { value: errno, messages } = captured(() => set(this.#map))
    if (errno >= 0) return
    const cause = libbpfCause(messages)
    throw new BpfError({ operation, subject: this.name, errno, problem: cause?.message, cause })
  }
}
