import { BpfError } from '../../errors/bpf-error.ts'
import type { BpfCommand } from '../commands.ts'
import { callBpf } from './call.ts'
import { encodeAttr } from '../attr.ts'
import { ATTR_FIELDS } from './fields.ts'
import { INFO_LAYOUTS } from './info-fields.ts'
import { possibleCpus } from './possible-cpus.ts'
import { layout } from './layout.ts'

/** Which buffers hold keys and which hold values, per command; a batch has one of each per element. */
const ELEMENTS: Partial<Record<BpfCommand, { key: readonly string[]; value: readonly string[] }>> =
  {
    BPF_MAP_LOOKUP_ELEM: { key: ['key'], value: ['value'] },
    BPF_MAP_UPDATE_ELEM: { key: ['key'], value: ['value'] },
    BPF_MAP_DELETE_ELEM: { key: ['key'], value: [] },
    BPF_MAP_LOOKUP_AND_DELETE_ELEM: { key: ['key'], value: ['value'] },
    BPF_MAP_GET_NEXT_KEY: { key: ['key', 'next_key'], value: [] },
    BPF_MAP_LOOKUP_BATCH: { key: ['keys'], value: ['values'] },
    BPF_MAP_LOOKUP_AND_DELETE_BATCH: { key: ['keys'], value: ['values'] },
    BPF_MAP_UPDATE_BATCH: { key: ['keys'], value: ['values'] },
    BPF_MAP_DELETE_BATCH: { key: ['keys'], value: [] },
  }

/** Map types whose value is one slot of 8-byte multiples per possible CPU (include/linux/bpf.h). */
const PER_CPU = new Set([5, 6, 10, 21])
/** Map types whose values are file descriptors outside and pointers inside (IS_FD_MAP in kernel/bpf/syscall.c). */
const FD_VALUES = new Set([3, 4, 8, 12, 13])
/** BPF_F_CPU and BPF_F_ALL_CPUS: one value instead of one per CPU. */
const ONE_VALUE = 8n | 16n

const INFO_ATTR = layout(ATTR_FIELDS.BPF_OBJ_GET_INFO_BY_FD)

/**
 * Refuses a key or value buffer that is smaller than the map's: the kernel would read or write past it.
 *
 * @throws BpfError naming the size the map has
 */
export function checkElementSizes(
  command: BpfCommand,
  attr: Record<string, unknown>,
  operation: string,
): void {
  const elements = ELEMENTS[command]
  if (!elements) return
  const flags = flagsOf(attr)
  const sizes = mapSizes(attr['map_fd'], (flags & ONE_VALUE) !== 0n)
  if (!sizes) return // The command itself says what is wrong with the fd.
  const count = command.endsWith('_BATCH') ? Number(attr['count'] ?? 0) : 1
  for (const [names, size, what] of [
    [elements.key, sizes.key, 'key'],
    [elements.value, sizes.value, 'value'],
  ] as const) {
    for (const name of names) {
      const buffer = attr[name]
      if (!ArrayBuffer.isView(buffer) || buffer.byteLength >= size * count) continue
      throw new BpfError({
        operation,
        subject: name,
        expected: `${size * count} bytes (${count > 1 ? `${count} × ` : ''}the map's ${what} size)`,
        got: `${buffer.byteLength}`,
      })
    }
  }
}

function flagsOf({ flags }: Record<string, unknown>): bigint {
  return typeof flags === 'bigint' || typeof flags === 'number' ? BigInt(flags) : 0n
}

function mapSizes(fd: unknown, oneValue: boolean): { key: number; value: number } | undefined {
  const info = new Uint8Array(INFO_LAYOUTS.map.size)
  const attr = { bpf_fd: fd, info_len: info.length, info }
  const encoded = encodeAttr(INFO_ATTR, attr, 'read map info')
  if (callBpf('BPF_OBJ_GET_INFO_BY_FD', encoded) < 0) return undefined
  const view = new DataView(info.buffer)
  const type = view.getUint32(0, true)
  const key = view.getUint32(8, true)
  const value = view.getUint32(12, true)
  if (PER_CPU.has(type) && !oneValue)
    return { key, value: Math.ceil(value / 8) * 8 * possibleCpus() }
  return { key, value: FD_VALUES.has(type) ? 4 : value }
}
