import { readFileSync } from 'node:fs'
import { hostIsLittleEndian as le } from '../codec/byte-order.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { mapTypeName } from './map-type.ts'

/** What the kernel knows about a map (linux/bpf.h, struct bpf_map_info). */
export interface MapInfo {
  readonly id: number
  /** enum bpf_map_type */
  readonly type: number
  readonly typeName: string
  /** At most 15 bytes: the kernel cuts longer names. */
  readonly name: string
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** Network device the map is offloaded to, or 0. */
  readonly ifindex: number
  /** Id of the BTF that describes key and value, or 0. */
  readonly btfId: number
  readonly btfKeyTypeId: number
  readonly btfValueTypeId: number
  /** Type-specific: hash functions of a bloom filter, address of an arena. */
  readonly extra: bigint
}

const objGetInfo = bindLibbpf<(fd: number, info: Uint8Array, length: Uint32Array) => number>(
  'int bpf_obj_get_info_by_fd(int fd, void *info, uint32_t *info_len)',
)

/** struct bpf_map_info of Linux 6.18 is 104 bytes; an older kernel fills less, a newer one no more than asked. */
const INFO_SIZE = 104

/**
 * Asks the kernel about the map behind a file descriptor.
 *
 * @throws {BpfError} if the descriptor is not a map's
 */
export function mapInfo(fd: number, name = `fd ${fd}`): MapInfo {
  const bytes = new Uint8Array(INFO_SIZE)
  const errno = objGetInfo(fd, bytes, new Uint32Array([INFO_SIZE]))
  if (errno < 0) throw new BpfError({ operation: 'read info of map', subject: name, errno })
  const view = new DataView(bytes.buffer)
  const u32 = (at: number): number => view.getUint32(at, le)
  const nul = bytes.indexOf(0, 24)
  return {
    type: u32(0),
    typeName: mapTypeName(u32(0)),
    id: u32(4),
    keySize: u32(8),
    valueSize: u32(12),
    maxEntries: u32(16),
    flags: u32(20),
    name: new TextDecoder().decode(bytes.subarray(24, Math.min(nul, 40))),
    ifindex: u32(40),
    btfId: u32(64),
    btfKeyTypeId: u32(68),
    btfValueTypeId: u32(72),
    extra: view.getBigUint64(80, le),
  }
}

/** Whether user space has given up writing to the map (`frozen` in /proc/self/fdinfo). */
export function isFrozen(fd: number): boolean {
  return /^frozen:\s*1$/m.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
}
