import { constants } from 'node:os'
import { VerifierError } from '@ebpf-labs/libbpf'
import { Attr, cString, textIn } from './attr.ts'
import type { Kernel } from './kernel.ts'
import { MAP_TYPE_HASH } from './numbers.ts'
import { TYPE } from './btf.ts'

const { EAGAIN, EPERM } = constants.errno
const CREATE = 'call bpf(BPF_MAP_CREATE)'
const LOG_SIZE = 1 << 16

/**
 * BPF_BTF_LOAD: gives the kernel type information.
 * @returns its descriptor
 * @throws BpfError when it is malformed
 */
export function loadBtf(kernel: Kernel, btf: Uint8Array<ArrayBuffer>): number {
  const attr = new Attr(28)
    .pointer(0, 'btf', btf)
    // 8: btf_log_buf, 20: btf_log_size, 24: btf_log_level
    .u32(16, 'btf_size', btf.length)
  return kernel.bpf('BTF_LOAD', attr)
}

/** What a map is to be like. */
export interface HashMapOptions {
  name: string
  maxEntries: number
  /** Descriptor of the BTF that has the types of its keys and values. */
  btf: number
}

/**
 * BPF_MAP_CREATE: makes a hash map, uid or pid to message.
 * @returns its descriptor
 * @throws BpfError when the kernel refuses
 */
export function createHashMap(kernel: Kernel, { name, maxEntries, btf }: HashMapOptions): number {
  const attr = new Attr(60)
    .u32(0, 'map_type', MAP_TYPE_HASH)
    .u32(4, 'key_size', 4)
    .u32(8, 'value_size', 16)
    .u32(12, 'max_entries', maxEntries)
    .chars(28, 'map_name', 16, name)
    .u32(48, 'btf_fd', btf)
    .u32(52, 'btf_key_type_id', TYPE.unsigned)
    .u32(56, 'btf_value_type_id', TYPE.message)
  const result = kernel.tryBpf('MAP_CREATE', attr)
  if (result >= 0) return result
  // Old kernels say EPERM, too, when there is no more memory to lock.
  if (result !== -EPERM || !kernel.raiseLockedMemory()) kernel.refuse(CREATE, result)
  return kernel.bpf('MAP_CREATE', attr)
}

/** What a program is to be like. */
export interface ProgramOptions {
  name: string
  /** Number of its type: which helpers it may call, and where it can be attached. */
  type: number
  instructions: Uint8Array<ArrayBuffer>
  btf: number
}

/**
 * BPF_PROG_LOAD: has the verifier check a program, and loads it.
 * @returns its descriptor
 * @throws VerifierError with the log when the verifier refuses it, BpfError when the kernel does so before
 */
export function loadProgram(kernel: Kernel, options: ProgramOptions): number {
  let result = kernel.tryBpf('PROG_LOAD', programAttr(options))
  // A signal stops the verifier. That is no refusal.
  for (let more = 4; result === -EAGAIN && more > 0; more--)
    result = kernel.tryBpf('PROG_LOAD', programAttr(options))
  if (result >= 0) return result
  if (result === -EPERM) return kernel.refuse('call bpf(BPF_PROG_LOAD)', result)

  // A log takes time to write: it is asked for only now.
  const log = new Uint8Array(LOG_SIZE)
  const attr = programAttr(options)
    .u32(24, 'log_level', 1)
    .u32(28, 'log_size', log.length)
    .pointer(32, 'log_buf', log)
  result = kernel.tryBpf('PROG_LOAD', attr)
  if (result >= 0) return result
  if (log[0] === 0) return kernel.refuse('call bpf(BPF_PROG_LOAD)', result)
  throw new VerifierError({ program: options.name, log: textIn(log), errno: -result })
}

function programAttr({ name, type, instructions, btf }: ProgramOptions): Attr {
  // struct bpf_func_info: the function that begins at slot 0 has this type.
  const functions = new Uint8Array(Uint32Array.of(0, TYPE.hello).buffer)
  return new Attr(92)
    .u32(0, 'prog_type', type)
    .u32(4, 'insn_cnt', instructions.length / 8)
    .pointer(8, 'insns', instructions)
    .pointer(16, 'license', cString('Dual MIT/GPL'))
    .chars(48, 'prog_name', 16, name)
    .u32(72, 'prog_btf_fd', btf)
    .u32(76, 'func_info_rec_size', 8)
    .pointer(80, 'func_info', functions)
    .u32(88, 'func_info_cnt', 1)
}
