import type { Reason, ReasonContext } from './reason.ts'
import { reason } from './reason.ts'
import { capital } from './sentence.ts'

const R = String.raw`R(?<reg>\d+)`

/** Accesses through a pointer that leave the object it points to. */
export const MEMORY_REASONS: readonly Reason[] = [
  reason(
    'packet-bounds',
    /invalid access to packet, off=(?<off>-?\d+) size=(?<size>-?\d+).*?(?:R\d+\(.*r=(?<range>\d+))?/,
    ({ off, size }, { lines }) => {
      const checked = /r=(\d+)\)/.exec(lines.join(' '))?.[1] ?? '0'
      return [
        `The program accesses ${bytes(size)} at offset ${off} of the packet, but only ${checked} bytes are known to be there.`,
        'Compare with data_end first, and return if it is exceeded: `if (data + offset + size > data_end) return XDP_PASS;`.',
      ]
    },
  ),
  reason(
    'map-value-bounds',
    /invalid access to map value, value_size=(?<value>\d+) off=(?<off>-?\d+) size=(?<size>-?\d+)/,
    ({ value, off, size }, context) => [
      `The program may access ${bytes(size)} at offset ${off} of ${mapValue(context)}, but it has only ${value} bytes.`,
      indexFix(context),
    ],
  ),
  reason(
    'map-key-bounds',
    /invalid access to map key, key_size=(?<value>\d+) off=(?<off>-?\d+) size=(?<size>-?\d+)/,
    ({ value, off, size }) => [
      `The program accesses ${bytes(size)} at offset ${off} of a map key, which is ${value} bytes long.`,
      'Stay within the key: check the index against its size, or use the type that the map was declared with.',
    ],
  ),
  reason(
    'memory-bounds',
    /invalid access to memory, mem_size=(?<value>\d+) off=(?<off>-?\d+) size=(?<size>-?\d+)/,
    ({ value, off, size }) => [
      `The program accesses ${bytes(size)} at offset ${off} of memory that is ${value} bytes long.`,
      'Reserve or pass as many bytes as you use: compare the size given to bpf_ringbuf_reserve() with the struct.',
    ],
  ),
  reason(
    'stack-uninitialised',
    /invalid (?:indirect )?(?:access to stack|read from stack)(?: R\d+)? off[ =](?<off>-?\d+)(?:\+(?<at>\d+))?(?: size[ =](?<size>\d+))?/,
    ({ off, at, size }, { argument, called, lines }) => {
      if (Number(off) < -512 || Number(off) + Number(size ?? 1) > 0) {
        return [...outsideStack(Number(off)), 'stack-bounds']
      }
      const reg = /R(\d+)/.exec(lines[0] ?? '')?.[1]
      const what =
        called !== undefined && reg !== undefined
          ? `${capital(argument(`R${reg}`))} points to`
          : 'The program reads'
      const first = at === undefined || at === '0' ? '' : `, from byte ${at} on`
      return [
        `${what} ${bytes(size)} of the stack (fp${off}) that were never written${first}.`,
        'Initialise the variable where it is declared, padding included: `struct key key = {};` or `__builtin_memset(&key, 0, sizeof(key));`.',
      ]
    },
  ),
  reason(
    'stack-bounds',
    /invalid (?:variable-offset |unbounded variable-offset )?(?:indirect access|write|read|access)? ?(?:to|from)? ?stack (?:R(?<reg>\d+) )?.*?(?:off=(?<off>-?\d+))?(?: size=(?<size>-?\d+))?$/,
    ({ off }, { lines }) => {
      if (/var_off|variable-offset/.test(lines[0] ?? '')) return variableStack()
      return outsideStack(Number(off))
    },
  ),
  reason(
    'stack-bounds',
    new RegExp(`invalid unbounded variable-offset.* stack ${R}`),
    variableStack,
  ),
  reason(
    'stack-bounds',
    /(?:R\d+ stack pointer arithmetic goes out of range|fp pointer offset -?\d+ is not allowed|invalid stack off=)/,
    variableStack,
  ),
  reason(
    'map-value-bounds',
    new RegExp(
      `${R} (?:max value is outside of the allowed memory range|offset is outside of the packet)`,
    ),
    (_groups, context) => [
      'The program may access memory behind the end of an object.',
      indexFix(context),
    ],
  ),
  reason(
    'negative-index',
    new RegExp(
      `${R} min value is (?:negative, either use unsigned index|outside of the allowed memory range)|value -\\d+ makes \\S+ pointer be out of bounds|pointer offset -\\d+ is not allowed`,
    ),
    ({ reg }, { lines, origin }) => [
      `An index ${reg === undefined || /outside/.test(lines.at(-1) ?? '') ? '' : `(${origin(`R${reg}`)}) `}may be negative, which would reach before the object.`,
      'Make the index unsigned, or add the lower check too: `if (i >= 0 && i < sizeof(array))`.',
    ],
  ),
  reason(
    'unbounded-index',
    /math between (?<type>\S+) pointer and register with unbounded min value is not allowed|(?:value -?\d+ makes|math between) (?<type2>\S+) pointer (?:be out of bounds|and -?\d+ is not allowed)/,
    ({ type, type2 }) => [
      `A number that can be anything is added to a ${(type ?? type2 ?? '').replaceAll('_', ' ')} pointer.`,
      'Check it against the size of the object first: `if (i >= sizeof(array)) return 0;`, or mask it: `i &= 15`.',
    ],
  ),
  reason(
    'unbounded-size',
    new RegExp(
      `${R} unbounded memory access, use 'var &= const'|${R.replace('reg', 'reg2')} min value is negative, either use unsigned or 'var &= const'`,
    ),
    ({ reg, reg2 }, { argument }) => [
      `${capital(argument(`R${reg ?? reg2}`))} is a size that may be larger than the buffer.`,
      'Limit it before the call: `if (size > sizeof(buffer)) size = sizeof(buffer);`, or `size &= sizeof(buffer) - 1;` for a power of two.',
    ],
  ),
  reason(
    'unbounded-index',
    new RegExp(
      `${R} unbounded memory access, make sure to bounds check|${R.replace('reg', 'reg2')} has unknown scalar with mixed signed bounds`,
    ),
    ({ reg, reg2 }, { origin }) => [
      `The program accesses memory at an index (${origin(`R${reg ?? reg2}`)}) that nothing limits.`,
      'Check the index against the size of the object, with an unsigned comparison, directly before the access.',
    ],
  ),
  reason('zero-sized-read', new RegExp(`${R} invalid zero-sized read`), ({ reg }, { argument }) => [
    `${capital(argument(`R${reg}`))} is a size that may be 0, and this function does not accept that.`,
    'Call it only if the size is at least 1: `if (size == 0) return 0;`.',
  ]),
  reason(
    'buffer-bounds',
    new RegExp(`${R} invalid (?<type>\\S+ )?(?:variable )?buffer (?:access|offset)`),
    () => [
      'The program accesses a buffer of its context before its beginning or at an offset that varies.',
      'Use a constant offset within the buffer.',
    ],
  ),
  reason(
    'misaligned-access',
    /misaligned (?<what>\w+ ?)?access off (?<off>.*) size (?<size>\d+)/,
    ({ size, off }) => [
      `An access of ${bytes(size)} at offset ${off} is not aligned to its size.`,
      'Order the members of the struct so that each lies at a multiple of its size, or read the value byte by byte.',
    ],
  ),
  reason(
    'read-only-memory',
    /(?:write into map forbidden|R(?<reg>\d+) cannot write into (?<type>\S+)|cannot write into (?<what>packet|sock|\S+)|only read (?:is supported|from \S+ is (?:supported|allowed)))/,
    ({ type, what }) => [
      `The program writes into ${type ?? what ?? 'memory'} that it may only read.`,
      'Copy the value and change the copy. A map with BPF_F_RDONLY_PROG, `.rodata` and kernel structs cannot be written.',
    ],
  ),
  reason(
    'read-only-memory',
    /does not allow writes to packet data|write to change key|may write into memory pointed by/,
    (_groups, { lines }) => [
      `The program writes into memory that it may only read: ${lines.at(-1)}.`,
      'Copy the value and change the copy.',
    ],
  ),
  reason(
    'kernel-memory',
    /R(?<reg>\d+) is (?:ptr_)?(?<type>\S+) (?:invalid (?:negative access|variable offset)|access (?<which>user|percpu) memory)/,
    ({ type, which }) => [
      `The program accesses struct ${type} ${which === undefined ? 'before its beginning or at an offset that varies' : `in ${which} memory`}, which it may not do directly.`,
      which === 'percpu'
        ? 'Use bpf_per_cpu_ptr() or bpf_this_cpu_ptr() first.'
        : 'Use BPF_CORE_READ() or bpf_probe_read_kernel() (bpf_probe_read_user() for user memory).',
    ],
  ),
  reason(
    'special-memory',
    /(?<what>\S+) cannot be accessed directly by load\/store|R\d+ invalid (?<type>\S+) access off=|invalid access to flow keys|BPF_ST stores into R\d+ (?<store>\S+)/,
    ({ what, type, store }) => [
      `The program accesses a member of ${what ?? type ?? store ?? 'the flow keys'} that it may not access directly.`,
      'Use only the members that the kernel offers to this program type, or the helper that is made for it.',
    ],
  ),
  reason('stack-bounds', /variable offset stack pointer cannot be passed/, variableStack),
  reason('write-only-memory', /read from map forbidden/, () => [
    'The program reads a map that was created write-only for programs.',
    'Create the map without BPF_F_WRONLY_PROG.',
  ]),
]

function bytes(size: string | undefined): string {
  return size === undefined ? 'bytes' : size === '1' ? 'one byte' : `${size} bytes`
}

function mapValue({ lines, state }: ReasonContext): string {
  const reg = /R(\d+) (?:min|max)/.exec(lines.join('\n'))?.[1]
  const map = reg === undefined ? undefined : state(`R${reg}`)?.attributes['map']
  if (map === undefined) return 'a map value'
  const section = /\.(bss|data|rodata)/.exec(map)?.[0]
  return section === undefined
    ? `a value of map '${map}'`
    : `the section of global variables (${section})`
}

function indexFix({ lines }: ReasonContext): string {
  const text = lines.join('\n')
  if (/R\d+ min value/.test(text)) {
    return 'The index may be negative: make it unsigned, or add the lower check: `if (i >= 0 && i < sizeof(array))`.'
  }
  return /R\d+ max value/.test(text)
    ? 'The largest index is one too many or more: use `<`, not `<=`, in the check before the access.'
    : 'Stay within the value: check the index against its size, and use the type that the map was declared with.'
}

function outsideStack(off: number): readonly [string, string] {
  return off < -512
    ? [
        `The program accesses its stack at fp${off}, below the 512 bytes that a function has.`,
        'Keep large data in a per-CPU array map with one entry, instead of in a local variable.',
      ]
    : [
        `The program accesses memory at fp${off < 0 ? '' : '+'}${off}, outside of its stack frame.`,
        'Stay within the local variable: check the index against its size, with `<` and not `<=`.',
      ]
}

function variableStack(): readonly [string, string] {
  return [
    'An index into an array on the stack may lie outside of that array.',
    'Check it directly before the access, with `<` and not `<=`: `if (i >= 0 && i < sizeof(array))`.',
  ]
}
