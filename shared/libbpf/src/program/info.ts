import { Btf } from '../btf/btf.ts'
import { nameOf } from '../errors/names.ts'
import { objectInfo } from '../raw/objects.ts'
import { PROGRAM_TYPES } from './program-types.ts'
import type { ProgramType } from './program-types.ts'

/** What the kernel knows about a program (linux/bpf.h, struct bpf_prog_info). */
export interface ProgramInfo {
  id: number
  type: ProgramType | `type ${number}`
  /** At most 15 bytes unless BTF knows the whole name: the kernel cuts it. */
  name: string
  /** SHA of the instructions, 16 hex digits: the same code has the same tag. */
  tag: string
  /** Nanoseconds since boot at which it was loaded. */
  loadedAt: bigint
  /** User who loaded it. */
  uid: number
  mapIds: number[]
  /** Id of the program's BTF, or 0. */
  btfId: number
  gplCompatible: boolean
  /** Bytes of instructions after the verifier. */
  xlatedSize: number
  /** Bytes of machine code. */
  jitedSize: number
  /** Instructions that the verifier went through; 0 before Linux 5.16. */
  verifiedInstructions: number
  /** How often it ran, while statistics are on (sysctl kernel.bpf_stats_enabled). */
  runCount: bigint
  /** Nanoseconds it ran for, while statistics are on. */
  runTime: bigint
  /** How often it was skipped because it was running already on that CPU. */
  recursionMisses: bigint
  /** BTF and type that it is attached to by fentry, lsm and the like; 0 otherwise. */
  attachBtfObjectId: number
  attachBtfId: number
  ifindex: number
}

/** Asks the kernel about the program behind a file descriptor. */
export function programInfo(fd: number): ProgramInfo {
  const first = objectInfo('prog', { fd })
  const count = first.u32('nr_map_ids')
  const mapIds = new Uint32Array(count)
  if (count > 0) objectInfo('prog', { fd }, { map_ids: mapIds, nr_map_ids: count })
  return {
    id: first.u32('id'),
    type: nameOf(PROGRAM_TYPES, first.u32('type')),
    name: first.text('name'),
    tag: Buffer.from(first.bytes('tag')).toString('hex'),
    loadedAt: first.u64('load_time'),
    uid: first.u32('created_by_uid'),
    mapIds: [...mapIds],
    btfId: first.u32('btf_id'),
    gplCompatible: (first.u32('flags') & 1) === 1,
    xlatedSize: first.u32('xlated_prog_len'),
    jitedSize: first.u32('jited_prog_len'),
    verifiedInstructions: first.u32('verified_insns'),
    runCount: first.u64('run_cnt'),
    runTime: first.u64('run_time_ns'),
    recursionMisses: first.u64('recursion_misses'),
    attachBtfObjectId: first.u32('attach_btf_obj_id'),
    attachBtfId: first.u32('attach_btf_id'),
    ifindex: first.u32('ifindex'),
  }
}

/** The instructions after the verifier. */
export function xlatedCode(fd: number): Uint8Array {
  const code = new Uint8Array(objectInfo('prog', { fd }).u32('xlated_prog_len'))
  if (code.length > 0) {
    objectInfo('prog', { fd }, { xlated_prog_insns: code, xlated_prog_len: code.length })
  }
  return code
}

/** The machine code. */
export function jitedCode(fd: number): Uint8Array {
  const code = new Uint8Array(objectInfo('prog', { fd }).u32('jited_prog_len'))
  if (code.length > 0) {
    objectInfo('prog', { fd }, { jited_prog_insns: code, jited_prog_len: code.length })
  }
  return code
}

/** Where an instruction comes from. */
export interface LineInfo {
  /** Number of the instruction after the verifier, 8 bytes each. */
  instruction: number
  file: string
  /** From 1 on. */
  line: number
  column: number
  /** The line of the source itself. */
  text: string
}

/** Bytes of struct bpf_line_info (linux/bpf.h): instruction, file name, text, line << 10 | column. */
const LINE_INFO_SIZE = 16

/** The lines of the source that instructions come from; empty for a program without BTF. */
export function lineInfo(fd: number): LineInfo[] {
  const info = objectInfo('prog', { fd })
  const count = info.u32('nr_line_info')
  if (count === 0 || info.u32('btf_id') === 0) return []
  const records = new Uint32Array((count * LINE_INFO_SIZE) / 4)
  objectInfo(
    'prog',
    { fd },
    { line_info: records, nr_line_info: count, line_info_rec_size: LINE_INFO_SIZE },
  )
  const btf = Btf.byId(info.u32('btf_id'))
  return Array.from({ length: count }, (_, i) => {
    const [instruction = 0, file = 0, text = 0, place = 0] = records.subarray(i * 4, i * 4 + 4)
    return {
      instruction,
      file: btf.string(file),
      line: place >>> 10,
      column: place & 0x3ff,
      text: btf.string(text),
    }
  })
}
