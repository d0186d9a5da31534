import { BpfError } from '../errors/bpf-error.ts'
import { MapType, mapTypeName } from '../maps/map-type.ts'
import { Declarations } from './declarations.ts'
import { type MapLayout, type ObjectLayout, type SectionLayout, objectLayout } from './layout.ts'
import { identifier, objectKey, quote } from './names.ts'
import { call, entry, importFrom, textEntry } from './print.ts'

const PACKAGE = '@ebpf-labs/libbpf'

/** How to write a skeleton. */
export interface GenerateOptions {
  /** Name of the exported skeleton: `execsnoop`. */
  readonly name: string
  /** Path of the object from the generated file: `./execsnoop.bpf.o`. */
  readonly object: string
  /** 64-bit members to decode as number: `event.duration_ns`. */
  readonly numbers?: readonly string[]
  /** Types to write that no map or variable has: `event`. */
  readonly types?: readonly string[]
}

/** A generated module and what its author should know. */
export interface Generated {
  readonly text: string
  readonly warnings: readonly string[]
}

/**
 * Writes the TypeScript module for an object: its types, their codecs, and the function that opens it.
 *
 * @throws BpfError when the object is damaged, has no BTF, or lacks a type that was asked for.
 */
export function generateSkeleton(bytes: Uint8Array, options: GenerateOptions): Generated {
  const layout = objectLayout(bytes, { numbers: new Set(options.numbers) })
  const to = new Declarations(layout.btf.littleEndian)
  const name = to.names.take(identifier(options.name))
  for (const type of options.types ?? []) declareType(to, layout, type)
  const body = skeletonText(to, name, layout, options)
  const parts = [
    `// Made by bpf2ts from ${options.object.replace(/^.*\//, '')}: do not edit, build it again.`,
    importFrom(importList(to.imports), PACKAGE),
    ...to.texts,
    body,
  ]
  return { text: `${joined(parts)}\n`, warnings: to.warnings }
}

/** Helper constants stand together, everything else apart. */
function joined(parts: readonly string[]): string {
  return parts.reduce((text, part, index) => {
    const together = isLine(part) && isLine(parts[index - 1] ?? '')
    return `${text}${together || index === 1 ? '\n' : '\n\n'}${part}`
  })
}

const isLine = (part: string): boolean => part.startsWith('const ') && !part.includes('\n')

/** By name, whether type or value, the formatter sorts nothing. */
const importList = (names: readonly string[]): string[] =>
  names.toSorted((a, b) => compare(a.replace('type ', ''), b.replace('type ', '')))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function declareType(to: Declarations, layout: ObjectLayout, name: string): void {
  const { btf, shapes } = layout
  const type =
    btf.find(name, 'struct') ??
    btf.find(name, 'union') ??
    btf.find(name, 'typedef') ??
    btf.find(name, 'enum') ??
    btf.find(name, 'enum64')
  if (!type) {
    throw new BpfError({
      operation: 'generate type',
      subject: name,
      expected: 'a struct, union, enum or typedef of the object',
      got: 'none of this name',
      hint: 'clang leaves out types that nothing uses: use it in a map, a variable or a function',
    })
  }
  to.codec(shapes.of(type.id), name)
}

function skeletonText(
  to: Declarations,
  name: string,
  layout: ObjectLayout,
  options: GenerateOptions,
): string {
  const maps = layout.maps.map((map) => mapEntry(to, map))
  const programs = layout.programs.map((program) =>
    textEntry(`    ${objectKey(program.name)}:`, quote(program.section)),
  )
  const data = layout.sections.map((section) => sectionEntry(to, section))
  return [
    `/** The object ${options.object.replace(/^.*\//, '')}: its maps, programs and global variables. */`,
    `export const ${name} = ${to.use('skeleton')}({`,
    textEntry('  name:', quote(options.name)),
    call('  object: ', 'new URL', [quote(options.object), 'import.meta.url'], ','),
    `  layoutHash: '${layout.hash}',`,
    ...block('maps', maps),
    ...block('programs', programs),
    ...block('data', data),
    '})',
  ].join('\n')
}

const block = (key: string, entries: readonly string[]): string[] =>
  entries.length === 0 ? [`  ${key}: {},`] : [`  ${key}: {`, ...entries, '  },']

function mapEntry(to: Declarations, map: MapLayout): string {
  const { name } = map.definition
  return entry(`    ${objectKey(name)}: `, mapFields(to, map, identifier(name)))
}

function mapFields(to: Declarations, map: MapLayout, hint: string): string[] {
  const { definition, key, value, inner } = map
  const type = Object.values<number>(MapType).includes(definition.type)
    ? mapTypeName(definition.type)
    : 'unspec'
  return [
    `type: ${quote(type)}`,
    ...(key ? [`key: ${to.codec(key, `${hint}_key`)}`] : []),
    ...(value ? [`value: ${to.codec(value, `${hint}_value`)}`] : []),
    ...(inner ? [`inner: { ${mapFields(to, inner, `${hint}_inner`).join(', ')} }`] : []),
  ]
}

function sectionEntry(to: Declarations, { key, shape }: SectionLayout): string {
  const variables = shape.members.map(({ name, at, shape: type }) => {
    const codec = to.codec(type, name)
    return `      ${objectKey(name)}: [${at}, ${codec}],`
  })
  const head = `    ${objectKey(key)}: ${to.use('section')}(${shape.size}, {`
  return [head, ...variables, '    }),'].join('\n')
}
