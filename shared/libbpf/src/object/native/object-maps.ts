import { sectionKey } from '../../skeleton/layout.ts'
import { MapType } from '../../maps/map-type.ts'
import * as c from './bindings.ts'

/** One `struct bpf_map` of an object. */
export interface NativeMap {
  /** Name in `spec.maps`: the map's own, or the section's for what libbpf made of a section. */
  readonly key: string
  /** Name as libbpf gives it. */
  readonly name: string
  readonly internal: boolean
  /** Name of the section of variables that it holds, if it holds one. */
  readonly section: string | undefined
  readonly pointer: bigint
}

/** `.rodata` within `prog.rodata`; libbpf puts the object's name in front of plain sections. */
const SECTION = /\.(?:rodata|data|bss|kconfig)(?:\..*)?$/

/** The maps of an object, in the order of the file. */
export function nativeMaps(object: bigint): NativeMap[] {
  const pointers = nativeMapPointers(object)
  const own = new Set(pointers.filter((map) => !c.bpf_map__is_internal(map)).map(c.bpf_map__name))
  return pointers.map((pointer) => {
    const name = c.bpf_map__name(pointer)
    const internal = c.bpf_map__is_internal(pointer)
    const found = internal ? SECTION.exec(name)?.[0] : undefined
    const section = found === undefined ? valuesOf(pointer, name) : sectionKey(found)
    // A map of the program that is called like a section goes first.
    const key = found === undefined || own.has(sectionKey(found)) ? name : sectionKey(found)
    return { key, name, internal, section, pointer }
  })
}

function nativeMapPointers(object: bigint): bigint[] {
  const pointers: bigint[] = []
  let pointer = c.bpf_object__next_map(object, null)
  while (pointer !== null) {
    pointers.push(pointer)
    pointer = c.bpf_object__next_map(object, pointer)
  }
  return pointers
}

/** The programs of an object, in the order of the file, subprograms left out. */
export function nativePrograms(object: bigint): bigint[] {
  const programs: bigint[] = []
  let pointer = c.bpf_object__next_program(object, null)
  while (pointer !== null) {
    programs.push(pointer)
    pointer = c.bpf_object__next_program(object, pointer)
  }
  return programs
}

/** What the variables are called that a map holds which libbpf did not make of a section. */
function valuesOf(map: bigint, name: string): string | undefined {
  const type = c.bpf_map__type(map)
  // libbpf puts the variables of .addr_space.1 into the one arena that an object may have.
  if (type === MapType.arena) return 'arena'
  return type === MapType.struct_ops ? name : undefined
}
