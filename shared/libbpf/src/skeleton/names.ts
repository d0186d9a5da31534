/** Names of JavaScript and TypeScript that a declaration of a module cannot have or must not hide. */
const TAKEN = `
  arguments await break case catch class const continue debugger default delete do else enum eval
  export extends false finally for function if implements import in instanceof interface let new null
  package private protected public return static super switch this throw true try typeof var void
  while with yield async of
  any asserts bigint boolean declare infer is keyof module namespace never number object readonly
  require string symbol type undefined unique unknown
  BigInt64Array BigUint64Array Float32Array Float64Array Int16Array Int32Array Int8Array Uint16Array
  Uint32Array Uint8Array URL Infinity NaN globalThis
  Codec array bits bool boolBits bytes chars f32 f64 i128 i16 i32 i64 i64AsNumber i8 member overlay
  restArray restBytes restChars restTypedArray section skeleton struct typedArray u128 u16 u32 u64
  u64AsNumber u8 union unnamed wideBits zeroFill
  at end name value view
`

const WORDS: ReadonlySet<string> = new Set(TAKEN.trim().split(/\s+/))

/** Hands out names for the declarations of one generated module, each only once. */
export class Names {
  readonly #used = new Set(WORDS)

  /** `wanted` itself where it is free, a word of the language with `_`, the second one with `_2`. */
  take(wanted: string): string {
    const plain = identifier(wanted)
    const base = WORDS.has(plain) ? `${plain}_` : plain
    let name = base
    for (let count = 2; this.#used.has(name); count++) name = `${base}_${count}`
    this.#used.add(name)
    return name
  }
}

/** A legal identifier made of a name: C's are, Rust's and C++'s may not be. */
export function identifier(name: string): string {
  const text = name.replaceAll(/[^A-Za-z0-9_$]+/g, '_')
  return /^[0-9]/.test(text) || text === '' ? `_${text}` : text
}

const isIdentifier = (name: string): boolean => /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)

/** A property's name in a type. */
export const typeKey = (name: string): string => (isIdentifier(name) ? name : quote(name))

/** A property's name in an object literal, where a plain `__proto__` would set the prototype. */
export const objectKey = (name: string): string =>
  name === '__proto__' ? `['__proto__']` : typeKey(name)

/** Access to a property. */
export const property = (object: string, name: string): string =>
  isIdentifier(name) ? `${object}.${name}` : `${object}[${quote(name)}]`

/** A string literal; double quotes where it has more single ones, as the formatter does. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  const singles = escaped.split("'").length
  const doubles = escaped.split('"').length
  return singles > doubles
    ? `"${escaped.replaceAll('"', '\\"')}"`
    : `'${escaped.replaceAll("'", "\\'")}'`
}
