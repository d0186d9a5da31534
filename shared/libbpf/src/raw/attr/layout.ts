/** How one field of `union bpf_attr` or of an info struct is stored; `name` is `char[BPF_OBJ_NAME_LEN]`. */
export type FieldKind = 'u32' | 's32' | 'u64' | 'ptr' | 'name' | 'tag'

/** A kind, and its byte offset where C's own rules would put it elsewhere (unions, reserved words). */
export type FieldSpec = FieldKind | `${FieldKind}@${number}`

/** A struct within a union, at a fixed offset. */
export interface NestedSpec {
  readonly at: number
  readonly fields: Readonly<Record<string, FieldSpec>>
}

/** A C struct, field by field in the order of the header. */
export type StructSpec = Readonly<Record<string, FieldSpec | NestedSpec>>

/** Where one field lies. */
export interface Field {
  readonly kind: FieldKind
  readonly at: number
}

/** A struct with its offsets worked out. */
export interface Layout {
  readonly size: number
  readonly fields: ReadonlyMap<string, Field | { readonly nested: ReadonlyMap<string, Field> }>
}

const SIZES: Readonly<Record<FieldKind, number>> = {
  u32: 4,
  s32: 4,
  u64: 8,
  ptr: 8,
  name: 16,
  tag: 8,
}
const ALIGNMENTS: Readonly<Record<FieldKind, number>> = {
  u32: 4,
  s32: 4,
  u64: 8,
  ptr: 8,
  name: 1,
  tag: 1,
}

const KINDS = ['u32', 's32', 'u64', 'ptr', 'name', 'tag'] as const

/** Bytes a field of this kind takes. */
export function sizeOf(kind: FieldKind): number {
  return SIZES[kind]
}

/** Works out the offsets of a struct by the rules of C: each field aligned to its own size. */
export function layout(spec: StructSpec): Layout {
  const fields = new Map<string, Field | { nested: ReadonlyMap<string, Field> }>()
  let next = 0
  let size = 0
  for (const [name, fieldSpec] of Object.entries(spec)) {
    if (typeof fieldSpec === 'string') {
      const field = place(fieldSpec, next)
      next = field.at + sizeOf(field.kind)
      size = Math.max(size, next)
      fields.set(name, field)
    } else {
      const inner = new Map<string, Field>()
      let at = fieldSpec.at
      for (const [innerName, innerSpec] of Object.entries(fieldSpec.fields)) {
        const field = place(innerSpec, at)
        at = field.at + sizeOf(field.kind)
        inner.set(innerName, field)
      }
      size = Math.max(size, at)
      fields.set(name, { nested: inner })
    }
  }
  return { size: Math.ceil(size / 8) * 8, fields }
}

function place(spec: FieldSpec, next: number): Field {
  const [name = '', at] = spec.split('@')
  const kind = KINDS.find((known) => known === name)
  if (kind === undefined) throw new TypeError(`not a field: ${spec}`)
  const align = ALIGNMENTS[kind]
  return { kind, at: at === undefined ? Math.ceil(next / align) * align : Number(at) }
}
