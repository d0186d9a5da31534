import { BpfError } from '../errors/bpf-error.ts'
import { Reader } from '../elf/reader.ts'
import type { Btf } from './btf.ts'

/** What `.BTF.ext` tells of a program's section (`struct btf_ext_info_sec` in Documentation/bpf/btf.rst). */
export interface BtfExt {
  readonly functions: readonly FunctionInfo[]
  readonly lines: readonly LineInfo[]
  readonly relocations: readonly CoreRelocation[]
}

interface Located {
  /** ELF section of the instruction. */
  readonly section: string
  /** Bytes from the start of the section. */
  readonly offset: number
}

/** Which BTF function begins at an instruction. */
export interface FunctionInfo extends Located {
  readonly type: number
}

/** Which source line an instruction comes from. */
export interface LineInfo extends Located {
  readonly file: string
  /** Text of the line. */
  readonly text: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** One CO-RE relocation: what libbpf adapts to the running kernel when it loads the program. */
export interface CoreRelocation extends Located {
  /** Root type of the access. */
  readonly type: number
  /** Indices from the root to the field: `0:3:1`. */
  readonly access: string
  readonly kind: CoreRelocationKind
}

/** `enum bpf_core_relo_kind` in `<linux/bpf.h>`. */
export const CORE_RELOCATION_KINDS = [
  'field_byte_offset',
  'field_byte_size',
  'field_exists',
  'field_signed',
  'field_lshift_u64',
  'field_rshift_u64',
  'type_id_local',
  'type_id_target',
  'type_exists',
  'type_size',
  'enum_value_exists',
  'enum_value',
  'type_matches',
] as const

export type CoreRelocationKind = (typeof CORE_RELOCATION_KINDS)[number]

const OPERATION = 'read BTF.ext'
const MAGIC = 0xeb9f
/** Smallest records: `bpf_func_info`, `bpf_line_info`, `bpf_core_relo`. */
const RECORD_SIZES = [8, 16, 16] as const

/**
 * Reads the `.BTF.ext` section that belongs to a BTF.
 *
 * @throws BpfError when a record lies outside or refers to what does not exist.
 */
export function parseBtfExt(bytes: Uint8Array, btf: Btf): BtfExt {
  const reader = new Reader(bytes, btf.littleEndian, OPERATION, '.BTF.ext section')
  reader.need(0, 24, 'header')
  if (reader.u16(0) !== MAGIC) throw malformed('magic number', '0xeb9f', hex(reader.u16(0)))
  const size = reader.u32(4)
  reader.need(0, size, 'header')
  const part = (index: number) => {
    // The third part came later: a header of 24 bytes does not have it.
    const at = 8 + index * 8
    if (at + 8 > size) return []
    return recordsOf(reader, btf, size + reader.u32(at), reader.u32(at + 4), RECORD_SIZES[index])
  }
  return {
    functions: part(0).map((record) => functionInfo(reader, btf, record)),
    lines: part(1).map((record) => lineInfo(reader, btf, record)),
    relocations: part(2).map((record) => coreRelocation(reader, btf, record)),
  }
}

interface Record extends Located {
  /** Where in the section its bytes are. */
  readonly at: number
}

function recordsOf(reader: Reader, btf: Btf, from: number, length: number, smallest = 8): Record[] {
  if (length === 0) return []
  reader.need(from, length, 'records')
  if (length < 4) throw malformed('records', 'at least 4 bytes', `${length}`)
  const recordSize = reader.u32(from)
  if (recordSize < smallest || recordSize % 4 !== 0 || recordSize > 4096) {
    throw malformed('record size', `at least ${smallest} bytes, in words`, `${recordSize}`)
  }
  const end = from + length
  const records: Record[] = []
  let at = from + 4
  while (at < end) {
    if (at + 8 > end) throw malformed('records', `an end at ${end}`, `a header at ${at}`)
    const section = nameAt(btf, reader.u32(at))
    const count = reader.u32(at + 4)
    at += 8
    if (count === 0 || at + count * recordSize > end) {
      throw malformed(
        `records of ${section}`,
        `1 to ${Math.floor((end - at) / recordSize)}`,
        `${count}`,
      )
    }
    for (let index = 0; index < count; index++, at += recordSize) {
      records.push({ section, offset: reader.u32(at), at })
    }
  }
  return records
}

function functionInfo(reader: Reader, btf: Btf, { section, offset, at }: Record): FunctionInfo {
  const type = reader.u32(at + 4)
  if (type >= btf.length || btf.type(type).kind !== 'func') {
    throw malformed(`function info of ${section}`, 'the id of a function', `${type}`)
  }
  return { section, offset, type }
}

function lineInfo(reader: Reader, btf: Btf, { section, offset, at }: Record): LineInfo {
  const position = reader.u32(at + 12)
  const [file, text] = [nameAt(btf, reader.u32(at + 4)), nameAt(btf, reader.u32(at + 8))]
  return { section, offset, file, text, line: position >>> 10, column: position & 0x3ff }
}

function coreRelocation(reader: Reader, btf: Btf, { section, offset, at }: Record): CoreRelocation {
  const [type, number] = [reader.u32(at + 4), reader.u32(at + 12)]
  const access = nameAt(btf, reader.u32(at + 8))
  const kind = CORE_RELOCATION_KINDS[number]
  if (type === 0 || type >= btf.length) {
    throw malformed(`relocation in ${section}`, `a type id below ${btf.length}`, `${type}`)
  }
  if (kind === undefined) {
    const last = CORE_RELOCATION_KINDS.length - 1
    throw malformed(`relocation in ${section}`, `a kind from 0 to ${last}`, `${number}`)
  }
  if (!/^\d{1,9}(?::\d{1,9}){0,63}$/.test(access)) {
    throw malformed(`relocation in ${section}`, 'indices such as 0:1:2', JSON.stringify(access))
  }
  return { section, offset, type, access, kind }
}

function nameAt(btf: Btf, offset: number): string {
  if (offset < btf.stringsLength) return btf.string(offset)
  throw malformed('string', `an offset below ${btf.stringsLength}`, `${offset}`)
}

const hex = (value: number): string => `0x${value.toString(16)}`

function malformed(subject: string, expected: string, got: string): BpfError {
  const hint = 'the file is damaged: build it again'
  return new BpfError({ operation: OPERATION, subject, expected, got, hint })
}
