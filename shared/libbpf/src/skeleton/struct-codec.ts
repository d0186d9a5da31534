import { type CompositeShape, type MemberShape, type Shape, sizeOfShape } from '../codec/shape.ts'
import { type Declarations, fieldsOf } from './declarations.ts'
import { type CallText, isOpen, place, readBits, readScalar } from './expressions.ts'
import { objectKey, property, quote } from './names.ts'
import { call } from './print.ts'

/** The text of a struct's codec: one straight line of reads, one of writes. */
export function structCodec(to: Declarations, name: string, shape: CompositeShape): string {
  const reads = fieldsOf(shape).map((field) => readField(to, name, shape, field))
  const writes = writeLines(to, name, shape)
  const parameters = isOpen(shape) ? 'view, at, end' : 'view, at'
  const read =
    reads.length === 0
      ? '  read: () => ({}),\n'
      : `  read: (${parameters}) => ({\n${reads.map((line) => `${line}\n`).join('')}  }),\n`
  const write =
    writes.length === 0
      ? '  write: () => {},\n'
      : `  write: (view, at, value) => {\n${writes.map((line) => `${line}\n`).join('')}  },\n`
  const head = `export const ${name}: ${to.codecType(name)} = {\n  size: ${shape.size},\n`
  return `${head}${read}${write}}`
}

function readField(
  to: Declarations,
  owner: string,
  struct: CompositeShape,
  { name, at, shape }: MemberShape,
): string {
  const text = straight(to, shape, at, struct.size) ?? {
    before: '',
    callee: `${to.codec(shape, `${owner}_${name}`)}.read`,
    args: isOpen(shape) ? ['view', place(at), 'end'] : ['view', place(at)],
    after: '',
  }
  return call(`    ${objectKey(name)}: ${text.before}`, text.callee, text.args, `${text.after},`)
}

function straight(
  to: Declarations,
  shape: Shape,
  at: number,
  structSize: number,
): CallText | undefined {
  if (shape.kind === 'scalar' || shape.kind === 'enum') {
    return readScalar(shape.scalar, at, `${to.littleEndian}`)
  }
  return shape.kind === 'bits' ? readBits(shape, at, structSize, to.littleEndian) : undefined
}

function writeLines(to: Declarations, owner: string, shape: CompositeShape): string[] {
  const steps = stepsOf(shape)
  const lines = steps.map(({ name, at, shape: inner }) => {
    if (name === '' && inner.kind === 'union') {
      const codec = to.overlay(inner, `${owner}_at${at}`)
      return call('    ', `${codec}.write`, ['view', place(at), 'value', quote(owner)])
    }
    const isEnum = inner.kind === 'enum'
    const codec = isEnum ? to.use(inner.scalar) : to.codec(inner, `${owner}_${name}`)
    const label = quote(`${owner}.${name}`)
    return call('    ', `${codec}.write`, ['view', place(at), property('value', name), label])
  })
  if (!hasGaps(shape.size, steps)) return lines
  return [`    ${to.use('zeroFill')}(view, at, ${shape.size})`, ...lines]
}

/** The members to write in turn: anonymous structs dissolved, anonymous unions whole. */
function stepsOf(shape: CompositeShape, from = 0): MemberShape[] {
  return shape.members.flatMap((member) => {
    const step = { ...member, at: from + member.at }
    const inner = member.shape
    return member.name === '' && inner.kind === 'struct' ? stepsOf(inner, step.at) : [step]
  })
}

/** Whether some bytes are padding or shared by bitfields, so that they must be zero beforehand. */
function hasGaps(size: number, steps: readonly MemberShape[]): boolean {
  let end = 0
  for (const { at, shape } of steps.toSorted((a, b) => a.at - b.at)) {
    if (shape.kind === 'bits' || at > end) return true
    end = Math.max(end, at + sizeOfShape(shape))
  }
  return end < size
}
