import type { Btf } from './btf.ts'
import { malformed } from './header.ts'
import { resolve, sizeOf } from './layout.ts'
import type { BtfMember, BtfVariable } from './types.ts'

/** A map as its C definition in `SEC(".maps")` says. */
export interface MapDefinition {
  readonly name: string
  /** `enum bpf_map_type`; 0 if the definition does not say. */
  readonly type: number
  /** Type ids; undefined where only a size is given. */
  readonly key: number | undefined
  readonly value: number | undefined
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** The map inside a map of maps. */
  readonly inner: MapDefinition | undefined
}

/** The maps of an object: those of `SEC(".maps")`, then its struct_ops. */
export function mapDefinitions(btf: Btf): MapDefinition[] {
  const maps = variablesOf(btf, '.maps').map((variable) =>
    defineMap(btf, variable.name, variable.type),
  )
  return [...maps, ...structOpsVariables(btf).map((variable) => structOpsMap(btf, variable))]
}

/** The variables that libbpf makes struct_ops maps of. */
export function structOpsVariables(btf: Btf): BtfVariable[] {
  const operations = ['.struct_ops', '.struct_ops.link', '?.struct_ops', '?.struct_ops.link']
  return operations.flatMap((section) => variablesOf(btf, section))
}

function variablesOf(btf: Btf, section: string): BtfVariable[] {
  const datasec = btf.find(section, 'datasec')
  if (!datasec) return []
  return datasec.variables.flatMap(({ type }) => {
    const variable = btf.type(type)
    return variable.kind === 'var' ? [variable] : []
  })
}

const STRUCT_OPS = 26

function structOpsMap(btf: Btf, variable: BtfVariable): MapDefinition {
  const valueSize = sizeOf(btf, variable.type)
  const none = { key: undefined, value: undefined, inner: undefined }
  return {
    ...none,
    name: variable.name,
    type: STRUCT_OPS,
    keySize: 4,
    valueSize,
    maxEntries: 1,
    flags: 0,
  }
}

interface Draft {
  type: number
  key: number | undefined
  value: number | undefined
  keySize: number
  valueSize: number
  maxEntries: number
  flags: number
  inner: MapDefinition | undefined
}

/** Reads the struct that `__uint`, `__type` and `__array` (bpf_helpers.h) build. */
function defineMap(btf: Btf, name: string, typeId: number): MapDefinition {
  const struct = resolve(btf, typeId)
  if (struct.kind !== 'struct') throw malformed(`map ${name}`, 'a struct', struct.kind)
  const draft: Draft = {
    type: 0,
    key: undefined,
    value: undefined,
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    inner: undefined,
  }
  for (const member of struct.members) define(btf, name, draft, member)
  return { name, ...draft }
}

function define(btf: Btf, name: string, draft: Draft, member: BtfMember): void {
  switch (member.name) {
    case 'type':
      draft.type = numberOf(btf, name, member)
      return
    case 'max_entries':
      draft.maxEntries = numberOf(btf, name, member)
      return
    case 'map_flags':
      draft.flags = numberOf(btf, name, member)
      return
    case 'key_size':
      draft.keySize = numberOf(btf, name, member)
      return
    case 'value_size':
      draft.valueSize = numberOf(btf, name, member)
      return
    case 'key':
      draft.key = pointedTo(btf, name, member)
      draft.keySize = sizeOf(btf, draft.key)
      return
    case 'value':
      draft.value = pointedTo(btf, name, member)
      draft.valueSize = sizeOf(btf, draft.value)
      return
    case 'values':
      draft.inner = innerMap(btf, name, member)
      return
    default:
  }
}

/** `__uint(x, 5)` is `int (*x)[5]`. */
function numberOf(btf: Btf, map: string, member: BtfMember): number {
  const array = resolve(btf, pointedTo(btf, map, member))
  if (array.kind === 'array') return array.length
  throw malformed(`${member.name} of map ${map}`, 'a number made with __uint()', array.kind)
}

/** `__type(x, T)` is `T *x`. */
function pointedTo(btf: Btf, map: string, member: BtfMember): number {
  const pointer = resolve(btf, member.type)
  if (pointer.kind === 'ptr') return pointer.type
  throw malformed(`${member.name} of map ${map}`, 'a pointer made with __type()', pointer.kind)
}

/** `__array(values, T)` is `T *values[]`; T is a map's struct, or a function for a prog array. */
function innerMap(btf: Btf, map: string, member: BtfMember): MapDefinition | undefined {
  const array = resolve(btf, member.type)
  if (array.kind !== 'array') throw malformed(`values of map ${map}`, 'an array', array.kind)
  const pointer = resolve(btf, array.type)
  if (pointer.kind !== 'ptr') throw malformed(`values of map ${map}`, 'pointers', pointer.kind)
  const inner = resolve(btf, pointer.type)
  return inner.kind === 'struct' ? defineMap(btf, `${map}.inner`, inner.id) : undefined
}
