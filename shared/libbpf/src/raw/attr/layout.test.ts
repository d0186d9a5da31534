import { release } from 'node:os'
import { expect, test } from 'vitest'
import { Btf } from '../../btf/btf.ts'
import type { BtfComposite } from '../../btf/types.ts'
import { ATTR_FIELDS } from './fields.ts'
import { BPF_COMMANDS } from '../commands.ts'
import type { BpfCommand } from '../commands.ts'
import { INFO_LAYOUTS } from './info-fields.ts'
import { HELPER_COUNT, helperName } from '../insn/helper-names.ts'
import type { Field, Layout } from './layout.ts'
import { layout } from './layout.ts'

const btf = Btf.kernel()

function composite(id: number): BtfComposite | undefined {
  const type = btf.type(id)
  return type.kind === 'struct' || type.kind === 'union' ? type : undefined
}

/** Byte offsets of the members of a kernel struct by name; those of unnamed structs count as its own. */
function offsets(type: BtfComposite, base = 0): Map<string, number> {
  const found = new Map<string, number>()
  for (const { name, type: id, bitOffset } of type.members) {
    const at = base + bitOffset / 8
    const inner = composite(id)
    if (name !== '') found.set(name, at)
    if (!inner) continue
    for (const [innerName, innerAt] of offsets(inner, at)) {
      found.set(name === '' ? innerName : `${name}.${innerName}`, innerAt)
    }
  }
  return found
}

function own({ fields }: Layout): [name: string, at: number][] {
  return [...fields].flatMap(([name, field]): [string, number][] =>
    'nested' in field
      ? [...field.nested].map(([inner, { at }]: [string, Field]) => [`${name}.${inner}`, at])
      : [[name, field.at]],
  )
}

/** Which member of `union bpf_attr` holds the fields of a command, where it has a name. */
const MEMBERS: Readonly<Record<string, string>> = {
  BPF_PROG_TEST_RUN: 'test',
  BPF_OBJ_GET_INFO_BY_FD: 'info',
  BPF_PROG_QUERY: 'query',
  BPF_RAW_TRACEPOINT_OPEN: 'raw_tracepoint',
  BPF_TASK_FD_QUERY: 'task_fd_query',
  BPF_LINK_CREATE: 'link_create',
  BPF_LINK_UPDATE: 'link_update',
  BPF_LINK_DETACH: 'link_detach',
  BPF_ENABLE_STATS: 'enable_stats',
  BPF_ITER_CREATE: 'iter_create',
  BPF_PROG_BIND_MAP: 'prog_bind_map',
  BPF_TOKEN_CREATE: 'token_create',
  BPF_PROG_STREAM_READ_BY_FD: 'prog_stream_read',
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys() forgets the type
const commands = Object.keys(ATTR_FIELDS) as BpfCommand[]

const kernelCommands = new Set(btf.find('bpf_cmd', 'enum')?.values.map(({ name }) => name))

test.for(commands)('the attributes of %s lie where this kernel has them', (command, { skip }) => {
  if (!kernelCommands.has(command)) skip(`Linux ${release()} has no ${command}`)
  const kernel = offsets(btf.find('bpf_attr', 'union')!)
  const prefix = MEMBERS[command] ?? (command.endsWith('_BATCH') ? 'batch' : '')
  const mine = own(layout(ATTR_FIELDS[command]))
  // What is newer than this kernel is left out; most is not.
  const known = mine.flatMap(([name, at]) => {
    const theirs = kernel.get(prefix === '' ? name : `${prefix}.${name}`)
    return theirs === undefined ? [] : [{ name, at, theirs }]
  })
  expect(known.length).toBeGreaterThan(mine.length / 2)
  expect(known.map(({ name, at }) => [name, at])).toEqual(
    known.map(({ name, theirs }) => [name, theirs]),
  )
})

test.each(['prog', 'map', 'btf', 'link'] as const)(
  'struct bpf_%s_info lies as this kernel has it',
  (kind) => {
    const kernel = offsets(btf.find(`bpf_${kind}_info`, 'struct')!)
    const known = own(INFO_LAYOUTS[kind])
      .map(([name, at]) => ({ name: name.replace('perf_event_', 'perf_event.'), at }))
      .flatMap(({ name, at }) => {
        const theirs = kernel.get(name) ?? kernel.get(name.replace('iter.', 'iter.task.'))
        return theirs === undefined ? [] : [{ name, at, theirs }]
      })
    expect(known.length).toBeGreaterThan(5)
    expect(known.map(({ at }) => at)).toEqual(known.map(({ theirs }) => theirs))
  },
)

test('the commands have the numbers that this kernel gives them', () => {
  const values = new Map(
    btf.find('bpf_cmd', 'enum')!.values.map(({ name, value }) => [name, value]),
  )
  const known = Object.entries(BPF_COMMANDS).filter(([name]) => values.has(name))
  expect(known.length).toBeGreaterThan(30)
  expect(known.map(([name, n]) => [name, BigInt(n)])).toEqual(
    known.map(([name]) => [name, values.get(name)]),
  )
})

test('the helpers have the names that this kernel gives them', () => {
  const values = btf
    .find('bpf_func_id', 'enum')!
    .values.filter(({ name }) => /^BPF_FUNC_[a-z]/.test(name))
  expect(values.length).toBeLessThanOrEqual(HELPER_COUNT)
  expect(values.map(({ value }) => helperName(Number(value)))).toEqual(
    values.map(({ name }) =>
      name === 'BPF_FUNC_unspec' ? 'bpf_unspec' : name.replace('BPF_FUNC_', 'bpf_'),
    ),
  )
})
