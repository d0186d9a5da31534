import { BpfError } from '../../errors/bpf-error.ts'
import { nameOf } from '../../errors/names.ts'
import type { NamedMember } from '../../codec/composite.ts'
import type { MapBase, MapCodecs } from '../../maps/map.ts'
import { MapType } from '../../maps/map-type.ts'
import { openMap } from '../../maps/open.ts'
import { ATTACH_TYPES } from '../../program/attach-types.ts'
import * as p from '../../program/bindings.ts'
import { PROGRAM_TYPES } from '../../program/program-types.ts'
import { Program } from '../../program/program.ts'
import { BorrowedSection } from '../native/borrowed-section.ts'
import * as c from '../native/bindings.ts'

import { LiveSection, sectionVariables } from '../data-section.ts'
import type { Variables } from '../data-section.ts'
import type { ObjectHandle } from '../native/handle.ts'
import type { NativeMap } from '../native/object-maps.ts'

/** The map of a loaded object, or what says why it was not created. */
export function liveMap(
  handle: ObjectHandle,
  map: NativeMap,
  codecs: MapCodecs | undefined,
): MapBase | (() => never) {
  const { key: name, pointer } = map
  const fd = c.bpf_map__fd(pointer)
  // libbpf from 1.5 on has a descriptor for maps that it did not create, too.
  if (fd < 0 || !c.bpf_map__autocreate(pointer))
    return missing('map', name, 'it was not created: its autocreate is false')
  const type = c.bpf_map__type(pointer)
  const opened = openMap({
    fd,
    name,
    type,
    mapped: type === MapType.arena ? mappedBy(pointer) : undefined,
    keySize: c.bpf_map__key_size(pointer),
    valueSize: c.bpf_map__value_size(pointer),
    maxEntries: c.bpf_map__max_entries(pointer),
    flags: c.bpf_map__map_flags(pointer),
    codecs,
    owner: handle,
  })
  handle.onClose(() => opened.close())
  return opened
}

/** Where libbpf has mapped an arena, as it does from 1.5 on. */
function mappedBy(map: bigint): bigint | undefined {
  return c.bpf_map__initial_value(map, new BigUint64Array(1)) ?? undefined
}

/** The program of a loaded object, or what says why it was not loaded. */
export function liveProgram(
  handle: ObjectHandle,
  pointer: bigint,
): readonly [string, Program | (() => never)] {
  const name = p.bpf_program__name(pointer)
  const fd = p.bpf_program__fd(pointer)
  if (fd < 0) return [name, missing('program', name, 'it was not loaded: its autoload is false')]
  const program = new Program({
    name,
    section: p.bpf_program__section_name(pointer),
    type: nameOf(PROGRAM_TYPES, p.bpf_program__type(pointer)),
    attachType: nameOf(ATTACH_TYPES, p.bpf_program__expected_attach_type(pointer)),
    fd,
    native: { handle, pointer },
  })
  return [name, program]
}

/** The variables of a section of a loaded object, by the section's name. */
export function liveSection(
  handle: ObjectHandle,
  { section, internal, pointer }: NativeMap,
  fields: readonly NamedMember[] | undefined,
): (readonly [string, Variables])[] {
  const fd = c.bpf_map__fd(pointer)
  if (section === undefined || !fields || fields.length === 0) return []
  if (fd < 0 || !c.bpf_map__autocreate(pointer)) return []
  // The kernel has its own copy of what is in a struct_ops map.
  const isCopied = c.bpf_map__type(pointer) === MapType.struct_ops
  const writable = !isCopied && !/^(rodata|kconfig)/.test(section)
  const size = c.bpf_map__value_size(pointer)
  const memory = internal
    ? new LiveSection(handle, section, { fd, size, writable })
    : new BorrowedSection(handle, pointer, section)
  return [[section, sectionVariables(section, fields, memory, writable)]]
}

function missing(what: string, name: string, problem: string): () => never {
  return () => {
    throw new BpfError({
      operation: `use ${what}`,
      subject: name,
      problem,
      hint: 'Set it to true between open() and load().',
    })
  }
}
