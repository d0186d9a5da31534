/** What the verifier knew of one register or stack slot at one moment. */
export interface RegisterState {
  /** `R0`…`R10`, or `fp-8` for a stack slot. */
  readonly name: string
  /** Call frame, 0 for the program itself. */
  readonly frame: number
  /** `scalar`, `ctx`, `map_value_or_null`, `fp`, `pkt`, `trusted_ptr_task_struct`, … in the words of new kernels. */
  readonly type: string
  /** The value, of a number that is known exactly, or the offset of a stack address. */
  readonly value?: bigint
  /** What stands in parentheses: `id`, `off`, `r`, `map`, `vs`, `umax`, `var_off`, … under its newest name. */
  readonly attributes: Readonly<Record<string, string>>
  /** As the log has it: `map_value_or_null(id=1,map=configs,ks=4,vs=12)`. */
  readonly text: string
}

/** Names of bounds before Linux 6.4. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  smin_value: 'smin',
  smax_value: 'smax',
  umin_value: 'umin',
  umax_value: 'umax',
  s32_min_value: 'smin32',
  s32_max_value: 'smax32',
  u32_min_value: 'umin32',
  u32_max_value: 'umax32',
}

/**
 * Reads register states as the log prints them, in both dialects: ` R0=inv(id=0) R10=fp0 fp-8=mmmmmmmm refs=2`.
 *
 * @see kernel/bpf/log.c, print_verifier_state
 */
export function parseRegisters(text: string): RegisterState[] {
  const states: RegisterState[] = []
  let frame = 0
  for (const token of tokens(text)) {
    const inFrame = /^frame(\d+):$/.exec(token)?.[1]
    if (inFrame !== undefined) frame = Number(inFrame)
    // Liveness marks (_r, _w, _D) belong to the name.
    const match = /^(R\d+|fp-\d+)(?:_\w+)?=(.*)$/s.exec(token)
    if (match) states.push(parseState(match[1] ?? '', match[2] ?? '', frame))
  }
  return states
}

/** Splits at blanks outside of parentheses: `var_off=(0x0; 0xff)` has one inside. */
function* tokens(text: string): Generator<string, void, undefined> {
  let depth = 0
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === 0x28) depth++
    else if (c === 0x29) depth--
    else if ((c === 0x20 && depth === 0) || at === text.length) {
      if (at > start) yield text.slice(start, at)
      start = at + 1
    }
  }
}

function parseState(name: string, text: string, frame: number): RegisterState {
  const base = { name, frame, text }
  if (name.startsWith('fp-') && /^[?rm0di]{1,8}$/.test(text) && text.length >= 8) {
    return { ...base, type: stackSlotType(text), attributes: {} }
  }
  const open = text.indexOf('(')
  const head = open < 0 ? text : text.slice(0, open)
  const attributes = open < 0 ? {} : parseAttributes(text.slice(open + 1, text.lastIndexOf(')')))
  // P marks a number whose exact value matters; `inv` and `invP` are the old names of numbers.
  const constant = /^(?:invP?|P)?(-?(?:0x[0-9a-f]+|\d+))$/.exec(head)?.[1]
  if (constant !== undefined)
    return { ...base, type: 'scalar', value: bigint(constant), attributes }
  const stack = /^fp(?:\[\d+\])?(-?\d+)?$/.exec(head)
  if (stack) {
    const value = stack[1] === undefined ? {} : { value: BigInt(stack[1]) }
    return { ...base, type: 'fp', ...value, attributes }
  }
  const type = head === 'inv' || head === 'invP' || head === 'Pscalar' ? 'scalar' : head
  return { ...base, type, attributes }
}

function bigint(text: string): bigint {
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
}

function stackSlotType(bytes: string): string {
  if (/^0+$/.test(bytes)) return 'zero'
  return bytes.includes('?') ? 'partly uninitialised' : 'initialised'
}

/** `id=1,smin=umin=3,var_off=(0x0; 0xff)` → one entry per name. */
function parseAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, names = '', value = ''] of text.matchAll(/((?:\w+=)+)(\([^)]*\)|[^,()]*)/g)) {
    for (const name of names.split('=').slice(0, -1)) attributes[OLD_NAMES[name] ?? name] = value
  }
  return attributes
}
