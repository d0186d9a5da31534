import { BPF_COMMANDS } from '@ebpf-labs/libbpf'
import type { Thing } from './descriptors.ts'
import { type StraceValue, fieldsOf, textOf } from './value.ts'

/** A bpf() call's attributes, ready to be put in a sentence. */
export interface Attributes {
  /** A number or text as it is shown; empty if it is not there. */
  text: (field: string) => string
  /** What a descriptor stands for: `map 'counts'`. */
  thing: (field: string) => string
  /** A constant without its prefix, in small letters: BPF_MAP_TYPE_PERCPU_HASH is `percpu hash`. */
  word: (field: string, prefix: string) => string
}

/** Finds fields at any depth: a link's are in `link_create`, a test run's in `test`. */
export function attributesOf(
  attr: StraceValue,
  thingOf: (value: StraceValue) => Thing | undefined,
): Attributes {
  const find = (field: string) => findField(attr, field)
  const text = (field: string) => textOf(find(field))
  return {
    text,
    thing: (field) => thingOf(find(field) ?? null)?.label ?? `descriptor ${text(field)}`.trim(),
    word: (field, prefix) => text(field).replace(prefix, '').replaceAll('_', ' ').toLowerCase(),
  }
}

function findField(value: StraceValue, field: string): StraceValue | undefined {
  const fields = fieldsOf(value)
  if (field in fields) return fields[field]
  for (const inner of Object.values(fields)) {
    const found = findField(inner, field)
    if (found !== undefined) return found
  }
  return undefined
}

const article = (words: string) => `${/^[aeio]/.test(words) ? 'an' : 'a'} ${words}`

const mapSizes = (a: Attributes) => {
  const cells = Number(a.text('key_size') || 0) + Number(a.text('value_size') || 0)
  return cells === 0
    ? `${a.text('max_entries')} bytes`
    : `${a.text('max_entries')} entries of ${a.text('key_size')}-byte keys and ${a.text('value_size')}-byte values`
}

const attachPoint = (a: Attributes) => {
  const type = a.word('attach_type', 'BPF_')
  return type === 'perf event' ? `to ${a.thing('target_fd')}` : `as ${type}`
}

/** What each command of bpf(2) does, in one sentence (enum bpf_cmd in linux/bpf.h). */
export const meanings: Record<string, (a: Attributes) => string> = {
  BPF_MAP_CREATE: (a) =>
    `creates ${article(a.word('map_type', 'BPF_MAP_TYPE_'))} map: ${mapSizes(a)}`,
  BPF_MAP_LOOKUP_ELEM: (a) => `looks up a key in ${a.thing('map_fd')}`,
  BPF_MAP_UPDATE_ELEM: (a) => `writes an entry of ${a.thing('map_fd')}`,
  BPF_MAP_DELETE_ELEM: (a) => `deletes an entry of ${a.thing('map_fd')}`,
  BPF_MAP_GET_NEXT_KEY: (a) => `asks for the key after this one in ${a.thing('map_fd')}`,
  BPF_MAP_LOOKUP_AND_DELETE_ELEM: (a) => `takes an entry out of ${a.thing('map_fd')}`,
  BPF_MAP_FREEZE: (a) => `makes ${a.thing('map_fd')} read-only for user space, for good`,
  BPF_MAP_LOOKUP_BATCH: (a) => `reads many entries of ${a.thing('map_fd')} at once`,
  BPF_MAP_LOOKUP_AND_DELETE_BATCH: (a) => `takes many entries out of ${a.thing('map_fd')} at once`,
  BPF_MAP_UPDATE_BATCH: (a) => `writes many entries of ${a.thing('map_fd')} at once`,
  BPF_MAP_DELETE_BATCH: (a) => `deletes many entries of ${a.thing('map_fd')} at once`,
  BPF_PROG_LOAD: (a) =>
    `has the verifier check ${article(a.word('prog_type', 'BPF_PROG_TYPE_'))} program of ${a.text('insn_cnt')} instructions, and loads it`,
  BPF_PROG_ATTACH: (a) => `attaches ${a.thing('attach_bpf_fd')} ${attachPoint(a)}`,
  BPF_PROG_DETACH: (a) => `detaches what is attached ${attachPoint(a)}`,
  BPF_PROG_TEST_RUN: (a) => `runs ${a.thing('prog_fd')} once, on data of ours`,
  BPF_PROG_TEST_RUN_OR_RUN: (a) => `runs ${a.thing('prog_fd')} once, on data of ours`,
  BPF_PROG_QUERY: (a) => `asks which programs are attached ${attachPoint(a)}`,
  BPF_PROG_BIND_MAP: (a) =>
    `ties ${a.thing('map_fd')} to ${a.thing('prog_fd')}, so that it lives as long`,
  BPF_BTF_LOAD: (a) => `gives the kernel ${a.text('btf_size')} bytes of type information`,
  BPF_OBJ_PIN: (a) => `pins ${a.thing('bpf_fd')} at ${a.text('pathname')}`,
  BPF_OBJ_GET: (a) => `opens what is pinned at ${a.text('pathname')}`,
  BPF_PROG_GET_NEXT_ID: (a) => `asks for the program after id ${a.text('start_id')}`,
  BPF_MAP_GET_NEXT_ID: (a) => `asks for the map after id ${a.text('start_id')}`,
  BPF_BTF_GET_NEXT_ID: (a) => `asks for the BTF after id ${a.text('start_id')}`,
  BPF_LINK_GET_NEXT_ID: (a) => `asks for the link after id ${a.text('start_id')}`,
  BPF_PROG_GET_FD_BY_ID: (a) => `opens the program with id ${a.text('prog_id')}`,
  BPF_MAP_GET_FD_BY_ID: (a) => `opens the map with id ${a.text('map_id')}`,
  BPF_BTF_GET_FD_BY_ID: (a) => `opens the BTF with id ${a.text('btf_id')}`,
  BPF_LINK_GET_FD_BY_ID: (a) => `opens the link with id ${a.text('link_id')}`,
  BPF_OBJ_GET_INFO_BY_FD: (a) => `asks what ${a.thing('bpf_fd')} is`,
  BPF_RAW_TRACEPOINT_OPEN: (a) => {
    const name = a.text('name')
    return `attaches ${a.thing('prog_fd')} to ${name ? `raw tracepoint '${name}'` : 'its target'}`
  },
  BPF_LINK_CREATE: (a) => `attaches ${a.thing('prog_fd')} ${attachPoint(a)}`,
  BPF_LINK_UPDATE: (a) =>
    `puts ${a.thing('new_prog_fd')} in place of the program of ${a.thing('link_fd')}`,
  BPF_LINK_DETACH: (a) => `detaches ${a.thing('link_fd')}`,
  BPF_ITER_CREATE: (a) => `makes an iterator of ${a.thing('link_fd')}, to be read like a file`,
  BPF_TASK_FD_QUERY: () => 'asks what a perf event of a process traces',
  BPF_ENABLE_STATS: () => 'has the kernel count runs and run time of programs',
  BPF_TOKEN_CREATE: () => 'makes a token that delegates rights on BPF',
}

/** Not to find what is asked for is no refusal: that is how a walk through ids or keys ends. */
export function refusal(command: string, errno: string, error = ''): string {
  const asks = /_NEXT_(?:ID|KEY)$|_LOOKUP_|_GET_FD_BY_ID$/.test(command)
  return asks && errno === 'ENOENT' ? 'there is none, ENOENT' : `refused, ${errno} (${error})`
}

/** Commands that strace does not know come as numbers; most of them libbpf's header has a name for. */
export function commandName(command: StraceValue | undefined): string {
  if (typeof command !== 'number') return textOf(command)
  const known = Object.entries(BPF_COMMANDS).find(([, number]) => number === command)
  return known?.[0] ?? `BPF command ${command}`
}

/** What a command does that {@link meanings} does not have. */
export function unknownMeaning(name: string, attr: StraceValue): string {
  return typeof attr === 'number'
    ? `calls ${name}, whose attributes this strace does not know`
    : `calls ${name}`
}
