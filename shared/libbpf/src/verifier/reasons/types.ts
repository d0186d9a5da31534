import { typeInWords } from '../describe.ts'
import type { Reason } from './reason.ts'
import { reason } from './reason.ts'
import { capital } from './sentence.ts'

const R = String.raw`R(?<reg>\d+)`

/** Registers that hold the wrong kind of value for what is done with them. */
export const TYPE_REASONS: readonly Reason[] = [
  reason(
    'missing-null-check',
    new RegExp(
      `${R} invalid mem access '(?<type>\\S*or_null\\S*)'|${R.replace('reg', 'reg2')} pointer arithmetic on (?<type2>\\S*or_null\\S*) prohibited`,
    ),
    ({ reg, reg2 }, { origin }) => [
      `${capital(origin(`R${reg ?? reg2}`))} may be NULL, and the program uses it without a check.`,
      'Check it first: `if (!value) return 0;`.',
    ],
  ),
  reason(
    'missing-null-check',
    /Possibly NULL pointer passed to (?:helper|trusted) arg(?<arg>\d+)/,
    ({ arg }, { called, origin }) => [
      `${capital(origin(`R${arg}`))} may be NULL, and the program passes it to ${called ?? 'a function'}() without a check.`,
      'Check it first: `if (!pointer) return 0;`.',
    ],
  ),
  reason(
    'missing-null-check',
    new RegExp(`${R} type=(?<type>\\S*or_null\\S*) expected=(?<expected>.*)`),
    ({ reg }, { argument, origin }) => [
      `${capital(argument(`R${reg}`))}, ${origin(`R${reg}`)}, may be NULL, which the function does not accept.`,
      'Check it first: `if (!pointer) return 0;`.',
    ],
  ),
  reason(
    'not-a-pointer',
    new RegExp(`${R} invalid mem access '(?:scalar|inv)'`),
    ({ reg }, { origin, releasedBy }) => {
      const release = releasedBy(`R${reg}`)
      if (release !== undefined) {
        return [
          `${capital(origin(`R${reg}`))} is used after ${release}() gave it away.`,
          `Read and write it only before ${release}().`,
          'used-after-release',
        ]
      }
      return [
        `${capital(origin(`R${reg}`))} is a number for the verifier, and the program uses it as a pointer.`,
        'Read memory of the kernel or of a process with bpf_probe_read_kernel(), bpf_probe_read_user() or BPF_CORE_READ(). A pointer that was computed with in other ways than adding is no pointer any more.',
      ]
    },
  ),
  reason(
    'wrong-pointer',
    new RegExp(`${R} invalid mem access '(?<type>[^']*)'`),
    ({ reg, type }, { origin }) => [
      `The program accesses memory through ${origin(`R${reg}`)}, which is ${typeInWords(type ?? '')} and cannot be accessed directly.`,
      'Use the helper that is made for it, or bpf_probe_read_kernel().',
    ],
  ),
  reason(
    'wrong-argument-type',
    new RegExp(`${R} type=(?<type>\\S+) expected=(?<expected>.*)`),
    ({ reg, type, expected }, { argument }) => [
      `${capital(argument(`R${reg}`))} is ${typeInWords(type ?? '')}, but has to be ${expectedTypes(expected)}.`,
      'Pass what the function is declared to take: a map by its address (`&map`), the context unchanged, a buffer on the stack or in a map.',
    ],
  ),
  reason(
    'wrong-argument-type',
    new RegExp(`${R} is of type (?<type>\\S+) but (?<expected>\\S+) is expected`),
    ({ reg, type, expected }, { argument }) => [
      `${capital(argument(`R${reg}`))} is a struct ${type}, but has to be a struct ${expected}.`,
      'Pass a pointer to the struct that the function is declared to take.',
    ],
  ),
  reason(
    'wrong-argument-type',
    /(?:Function \S+ |arg#(?<arg>\d+) )(?:is )?(?:expected|pointer type|doesn't point|neither|reference type|arg#\d+ memory|has \d+ > \d+ args|offset=).*|^(?:expected=| or |pointer in R\d+ isn't map|(?:timer|workqueue) pointer in R1|local type ID|bpf_(?:percpu_)?obj_new|kfunc bpf_rdonly_cast|operation on|Unrecognized arg|invalid (?:map_ptr|arg_type)|Helper has invalid btf|allocated object must|R\d+ is not a scalar|kernel function \S+ args#).*/,
    ({ arg }, { lines, called }) => [
      `${arg === undefined ? 'An argument' : `Argument ${Number(arg) + 1}`}${called === undefined ? '' : ` of ${called}()`} has the wrong type: ${lines.at(-1)}.`,
      'Pass what the kernel function is declared to take; `bpftool btf dump file /sys/kernel/btf/vmlinux format c` shows it.',
    ],
  ),
  reason('uninitialised-register', /R(?<reg>\d+) !read_ok/, ({ reg }, { last, origin }) =>
    reg === '0' && last?.text === 'exit'
      ? [
          'The program ends without a return value.',
          'Add a `return` to the end of each path through the function.',
        ]
      : [
          `The program uses R${reg}${sameName(origin(`R${reg}`), reg)}, which has no value here.`,
          'Initialise the variable on every path. After a call R1 to R5 are gone, so a function may not take more arguments than were passed.',
        ],
  ),
  reason(
    'context-access',
    /invalid bpf_context access off=(?<off>-?\d+) size=(?<size>\d+)|func '(?<func>\S+)' (?:size \d+ must be multiple of 8|doesn't have \d+-th argument)/,
    ({ off, size, func }, { last }) => [
      off === undefined
        ? `The program reads an argument that ${func}() does not have.`
        : `The program ${isStore(last?.text) ? 'writes' : 'reads'} ${size} bytes at offset ${off} of its context, which this program type may not.`,
      'Use only the members that the program type offers: of a tracepoint not the first 8 bytes (common_…), of XDP and tc not data_end as something to write. The width must be that of the member.',
    ],
  ),
  reason(
    'context-access',
    /(?:dereference of modified|negative offset|variable) (?<type>ctx|\S+) (?:ptr|access)(?: R(?<reg>\d+))?/,
    ({ type }) => [
      `The program moved ${typeInWords(type ?? 'ctx')} before using it, and it has to be used as it came.`,
      'Access members through the original pointer, with constant offsets.',
    ],
  ),
  reason(
    'pointer-arithmetic',
    /R(?<reg>\d+) (?:pointer arithmetic|bitwise operator|32-bit pointer arithmetic|pointer [-+*/]= pointer|has pointer with|tried to \S+ (?:from|beyond)|could not be pushed|tried to subtract pointer|subtraction from|pointer comparison|partial copy|sign-extension).*?(?:on (?<type>\S+) prohibited)?$/,
    ({ reg, type }, { state, origin }) => {
      const what = type ?? state(`R${reg}`)?.type
      const name = what === undefined ? origin(`R${reg}`) : `R${reg}, ${typeInWords(what)},`
      return [
        `The program computes with ${name} in a way that is not allowed.`,
        'Pointers to packets, map values and the stack may be moved by adding a number; data_end, contexts and kernel structs may not be changed at all, and no pointer may be multiplied, masked or negated.',
      ]
    },
  ),
  reason(
    'pointer-leak',
    /R(?<reg>\d+) leaks addr (?<where>.*)|leaking pointer from stack/,
    ({ where }) => [
      `The program gives a kernel address away (${where ?? 'from the stack'}), where user space could read it.`,
      'Store or return a number instead of the pointer. A loader with CAP_PERFMON may do it, for tracing.',
    ],
  ),
  reason('frame-pointer', /frame pointer is read only/, () => [
    'The program writes to R10, the frame pointer, which is read-only.',
    'Copy it to another register and change the copy.',
  ]),
  reason('mixed-pointers', /same insn cannot be used with different pointers/, () => [
    'One instruction accesses the context on one path and other memory on another.',
    'Access the two kinds of memory by code of their own, on each path.',
  ]),
  reason(
    'stack-corruption',
    /attempt to corrupt spilled pointer|invalid size of register (?:spill|fill)|cannot (?:spill|return) .*stack|spilled ptr in range|potential write to dynptr/,
    () => [
      'The program overwrites part of a pointer that is kept on the stack, or keeps one where it may not.',
      'Write only whole variables, within their bounds.',
    ],
  ),
]

function sameName(origin: string, reg: string | undefined): string {
  return origin === `R${reg}` ? '' : ` (${origin})`
}

function isStore(text: string | undefined): boolean {
  return text?.startsWith('*(') ?? false
}

/** `fp, pkt, map_value` → `a stack address, a packet pointer or a pointer to a map value` */
function expectedTypes(list: string | undefined): string {
  const words = [...new Set((list ?? '').split(/,\s*/).filter(Boolean).map(typeInWords))]
  const last = words.pop()
  return words.length === 0 ? (last ?? 'something else') : `${words.join(', ')} or ${last}`
}
