import type { SectionLayout } from '../codec/section.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { BpfObject } from '../object/bpf-object.ts'
import type { BpfObjectSpec } from '../object/object-spec.ts'
import type { OpenOptions } from '../object/options.ts'
import { readSource } from '../object/source.ts'
import { objectLayout } from './layout.ts'
import type { MapEntry, MapOf } from './map-classes.ts'

/** What a generated module says of its object. */
export interface SkeletonDefinition<M, P, D> {
  readonly name: string
  /** Where the object file is. */
  readonly object: URL
  /** Hash of how keys, values and variables lie in memory, to notice an object built anew. */
  readonly layoutHash: string
  readonly maps: M
  /** Section of each program by name. */
  readonly programs: P
  readonly data: D
}

type Maps = Readonly<Record<string, MapEntry>>
type Programs = Readonly<Record<string, string>>
type Data = Readonly<Record<string, SectionLayout<object>>>

/** What is known of an object at compile time. */
export interface SkeletonShape<M extends Maps, P extends Programs, D extends Data> {
  maps: { readonly [N in keyof M]: MapOf<M[N]> }
  programs: keyof P & string
  data: { readonly [N in keyof D]: Variables<D[N]> }
}

/** Variables can be assigned; what they hold is a copy, so that changing it in place is an error. */
type Variables<S> =
  S extends SectionLayout<infer T> ? { -readonly [N in keyof T]: Frozen<T[N]> } : never

/** The type with all its members read-only. */
export type Frozen<T> = T extends string | number | bigint | boolean | ArrayBufferView
  ? T
  : T extends readonly (infer E)[]
    ? readonly Frozen<E>[]
    : { readonly [N in keyof T]: Frozen<T[N]> }

/** An object whose maps, programs and variables are typed. */
export interface Skeleton<M extends Maps, P extends Programs, D extends Data> {
  readonly name: string
  /** Where the object file is. */
  readonly object: URL
  /**
   * Opens the object; set what must be set before `load()` on what it returns.
   *
   * @throws BpfError when the file is missing, damaged, or no longer the one bpf2ts read.
   */
  open(options?: SkeletonOptions): BpfObjectSpec<SkeletonShape<M, P, D>>
}

/** How to open a skeleton's object. */
export interface SkeletonOptions extends Omit<OpenOptions, 'codecs'> {
  /** The object file, if it is not where it was when bpf2ts ran; path, URL or bytes. */
  object?: string | URL | Uint8Array
}

/** Makes the skeleton of an object; modules that bpf2ts writes call it. */
export function skeleton<
  const M extends Maps,
  const P extends Programs,
  const D extends Readonly<Record<string, SectionLayout<any>>>,
>(definition: SkeletonDefinition<M, P, D>): Skeleton<M, P, D> {
  const { name, object, maps, data } = definition
  return {
    name,
    object,
    open(options = {}) {
      const { object: source = object, ...rest } = options
      const { bytes } = readSource(source)
      checkLayout(definition, bytes)
      return BpfObject.open(bytes, { name, ...rest, codecs: { maps: { ...maps }, data } })
    },
  }
}

function checkLayout(
  { name, object, layoutHash }: SkeletonDefinition<unknown, unknown, unknown>,
  bytes: Uint8Array,
): void {
  const { hash } = objectLayout(bytes)
  if (hash === layoutHash) return
  const file = object.pathname.replace(/^.*\//, '')
  throw new BpfError({
    operation: 'open object',
    subject: name,
    expected: `the layout that its skeleton was made for (${layoutHash})`,
    got: hash,
    hint: `the object was built anew since: run bpf2ts ${file} again`,
  })
}
