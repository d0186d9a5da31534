import { SCALAR_SIZE, type BitsShape, type ScalarName, type Shape } from '../codec/shape.ts'

const GETTERS: Partial<Record<ScalarName, string>> = {
  u8: 'getUint8',
  i8: 'getInt8',
  u16: 'getUint16',
  i16: 'getInt16',
  u32: 'getUint32',
  i32: 'getInt32',
  u64: 'getBigUint64',
  i64: 'getBigInt64',
  f32: 'getFloat32',
  f64: 'getFloat64',
}

/** A call as its parts, which the printer may break. */
export interface CallText {
  readonly before: string
  readonly callee: string
  readonly args: readonly string[]
  readonly after: string
}

/** `at + 8`, or `at` for 0. */
export const place = (offset: number): string => (offset === 0 ? 'at' : `at + ${offset}`)

/** Reads a scalar straight from the view; undefined for one that needs its codec. */
export function readScalar(
  scalar: ScalarName,
  offset: number,
  order: string,
): CallText | undefined {
  if (scalar === 'bool') {
    return { before: '', callee: 'view.getUint8', args: [place(offset)], after: ' !== 0' }
  }
  const getter = GETTERS[scalar]
  if (!getter) return undefined
  const args = SCALAR_SIZE[scalar] === 1 ? [place(offset)] : [place(offset), order]
  return { before: '', callee: `view.${getter}`, args, after: '' }
}

/** Reads a bitfield with shifts where one load of a word covers it; undefined otherwise. */
export function readBits(
  shape: BitsShape,
  offset: number,
  structSize: number,
  littleEndian: boolean,
): CallText | undefined {
  const { start, width, signed } = shape
  const load = [8, 16, 32].find((bits) => start + width <= bits)
  if (!littleEndian || shape.as === 'bigint' || !load || offset + load / 8 > structSize) {
    return undefined
  }
  const args = load === 8 ? [place(offset)] : [place(offset), 'true']
  if (signed) {
    const [left, right] = [32 - start - width, 32 - width]
    const callee = `view.getUint${load}`
    return { before: left === 0 ? '' : '(', callee, args, after: signedTail(left, right) }
  }
  return unsigned(`view.getUint${load}`, args, shape)
}

const signedTail = (left: number, right: number): string => {
  if (left === 0) return right === 0 ? ' | 0' : ` >> ${right}`
  return ` << ${left}) >> ${right}`
}

function unsigned(callee: string, args: string[], { start, width, as }: BitsShape): CallText {
  const toBoolean = as === 'boolean' ? ' !== 0' : ''
  if (width === 32) return { before: '', callee, args, after: toBoolean }
  const mask = width < 31 ? `${2 ** width - 1}` : '0x7fffffff'
  const masked: CallText =
    start === 0
      ? { before: '', callee, args, after: ` & ${mask}` }
      : { before: '(', callee, args, after: ` >>> ${start}) & ${mask}` }
  if (!toBoolean) return masked
  return { ...masked, before: `(${masked.before}`, after: `${masked.after})${toBoolean}` }
}

/** Whether a shape ends in a flexible array, so that its codec must know the end of the record. */
export function isOpen(shape: Shape): boolean {
  switch (shape.kind) {
    case 'text':
    case 'numbers':
    case 'array':
      return shape.length === undefined
    case 'struct':
    case 'union':
      return shape.members.some((member) => isOpen(member.shape))
    default:
      return false
  }
}

/** Names that short codecs get: `chars16`, `u32x4`. */
export const ARRAY_SHORT = {
  Uint8Array: 'u8',
  Int8Array: 'i8',
  Uint16Array: 'u16',
  Int16Array: 'i16',
  Uint32Array: 'u32',
  Int32Array: 'i32',
  BigUint64Array: 'u64',
  BigInt64Array: 'i64',
  Float32Array: 'f32',
  Float64Array: 'f64',
} as const
