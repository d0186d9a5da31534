import type { RegisterState } from './registers.ts'

const TYPES: readonly (readonly [type: RegExp, words: (match: RegExpExecArray) => string])[] = [
  [/^scalar$/, () => 'a number'],
  [/^ctx$/, () => 'the context'],
  [/^fp$/, () => 'a stack address'],
  [/^map_ptr$/, () => 'a map'],
  [/^map_value$/, () => 'a pointer to a map value'],
  [/^map_key$/, () => 'a pointer to a map key'],
  [/^pkt$/, () => 'a packet pointer'],
  [/^pkt_meta$/, () => 'a pointer to packet metadata'],
  [/^pkt_end$/, () => 'the end of the packet'],
  [/^(?:alloc_mem|ringbuf_mem)$/, () => 'a ring buffer record'],
  [/^mem$/, () => 'a pointer to memory'],
  [/^func$/, () => 'a function'],
  [/^flow_keys$/, () => 'the flow keys'],
  [/^tp_buffer$/, () => 'a tracepoint buffer'],
  [/^arena$/, () => 'an arena pointer'],
  [/^(?:sock|sock_common|tcp_sock|xdp_sock)$/, ([type]) => `a ${type} pointer`],
  [/^ptr_(.+)$/, ([, name]) => `a kernel pointer (struct ${name})`],
  [/^(?:\?|not_init)?$/, () => 'nothing (it was never set)'],
]

const ADJECTIVES: Readonly<Record<string, string>> = {
  rdonly: 'read-only',
  ringbuf: 'ring buffer',
  user: 'user-space',
  percpu: 'per-CPU',
  rcu: 'RCU-protected',
  untrusted: 'untrusted',
  trusted: 'trusted',
}

/** The kind of a register's value in words, from the verifier's name for it: `map_value_or_null`. */
export function typeInWords(type: string): string {
  const maybeNull = /_?or_null_?/.test(type)
  const adjectives: string[] = []
  let bare = type.replace(/_or_null$/, '').replace(/or_null_/, '')
  for (;;) {
    const match = /^([a-z]+)_(?=[a-z])/.exec(bare)
    const word = ADJECTIVES[match?.[1] ?? '']
    if (!match || word === undefined || /^ringbuf_mem$/.test(bare)) break
    adjectives.push(word)
    bare = bare.slice(match[0].length)
  }
  const words = lookUp(bare)
  const qualified =
    adjectives.length === 0 ? words : words.replace(/^(an?|the) /, `$1 ${adjectives.join(' ')} `)
  const article = qualified.replace(/^a (?=[aeiou](?!ser))/, 'an ').replace(/^an (?![aeiou])/, 'a ')
  return maybeNull ? `${article} that may be NULL` : article
}

function lookUp(type: string): string {
  for (const [pattern, words] of TYPES) {
    const match = pattern.exec(type)
    if (match) return words(match)
  }
  return type
}

/** What the verifier knew of a register, in words: `a number from 0 to 12`. */
export function registerInWords(state: RegisterState): string {
  const { type, attributes } = state
  if (type === 'scalar') return numberInWords(state)
  if (type === 'fp') return stackInWords(state)
  const details = [
    attributes['map'] && `of map '${attributes['map']}'`,
    attributes['off'] && attributes['off'] !== '0' && `at offset ${attributes['off']}`,
    attributes['r'] && `with ${attributes['r']} bytes checked`,
    range(attributes) && `plus a number ${range(attributes)}`,
  ].filter(Boolean)
  const words = typeInWords(type).replace('a map value', 'a value')
  if (details.length === 0) return words
  const [main = words, ...condition] = words.split(' that ')
  return [main, ...details, ...condition.map((text) => `that ${text}`)].join(' ')
}

function stackInWords({ value, attributes }: RegisterState): string {
  const off = value ?? BigInt(attributes['off'] ?? 0)
  const variable = range(attributes)
  const address = `the stack address fp${off === 0n ? '' : off > 0n ? `+${off}` : off}`
  return variable === undefined ? address : `${address} plus a number ${variable}`
}

function numberInWords({ value, attributes }: RegisterState): string {
  if (value !== undefined) return `the number ${value}`
  const known = range(attributes)
  return known === undefined ? 'a number that can be anything' : `a number ${known}`
}

/** The tighter of the signed and the unsigned bounds. */
function range(attributes: Readonly<Record<string, string>>): string | undefined {
  const { smin, smax, umin, umax } = attributes
  if (umax !== undefined) return `from ${decimal(umin ?? '0')} to ${decimal(umax)}`
  if (smin !== undefined && smax !== undefined) return `from ${signed(smin)} to ${signed(smax)}`
  if (smax !== undefined) return `up to ${signed(smax)}, or negative`
  if (umin !== undefined) return `from ${decimal(umin)} up`
  return smin === undefined ? undefined : `from ${signed(smin)} up`
}

/** A 64-bit bound; large ones are printed in hexadecimal, negative ones too. */
function signed(text: string): string {
  return text.startsWith('-') ? text : String(BigInt.asIntN(64, BigInt(text)))
}

function decimal(text: string): string {
  return BigInt(text).toString()
}
