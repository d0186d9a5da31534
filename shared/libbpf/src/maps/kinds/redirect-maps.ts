import { hostIsLittleEndian as le } from '../../codec/byte-order.ts'
import type { Codec } from '../../codec/codec.ts'
import { integer } from '../../codec/check.ts'
import { fdOf } from '../fd-codec.ts'
import type { FdSource } from '../fd-codec.ts'
import { indexCodec } from '../index-codec.ts'
import type { MapInit } from '../map.ts'
import { KeyedMap } from './keyed-map.ts'

/** Network device that packets are redirected to (linux/bpf.h, struct bpf_devmap_val). */
export interface DevMapEntry {
  /** Index of the network device. */
  ifindex: number
  /** XDP program to run on the device, given when the entry is stored. */
  program?: FdSource
  /** Id of that program, when the entry is read; absent without one. */
  programId?: number
}

/** CPU that packets are redirected to (linux/bpf.h, struct bpf_cpumap_val). */
export interface CpuMapEntry {
  /** Packets the CPU's queue takes. */
  qsize: number
  /** XDP program to run on the CPU, given when the entry is stored. */
  program?: FdSource
  /** Id of that program, when the entry is read; absent without one. */
  programId?: number
}

/** Targets of `bpf_redirect_map()` to network devices (devmap, devmap_hash). */
export class DevMap extends KeyedMap<number, DevMapEntry> {
  constructor(init: MapInit) {
    super(init, indexCodec, withProgram('ifindex', init.valueSize))
  }
}

/** Targets of `bpf_redirect_map()` to CPUs: keys are CPU numbers. */
export class CpuMap extends KeyedMap<number, CpuMapEntry> {
  constructor(init: MapInit) {
    super(init, indexCodec, withProgram('qsize', init.valueSize))
  }
}

/** A number, and in maps with 8-byte values a program: descriptor when written, id when read. */
function withProgram(field: 'ifindex' | 'qsize', size: number): Codec<unknown> {
  const codec: Codec<Partial<DevMapEntry & CpuMapEntry>> = {
    size,
    read(view, at) {
      const programId = size >= 8 ? view.getUint32(at + 4, le) : 0
      return { [field]: view.getUint32(at, le), ...(programId > 0 ? { programId } : {}) }
    },
    write(view, at, entry, name = 'value') {
      const value = entry[field] ?? Number.NaN
      view.setUint32(at, integer(value, 0, 0xffff_ffff, `${name}.${field}`), le)
      if (size < 8 && entry.program !== undefined)
        fdOf(Number.NaN, `${name}.program (value_size is 4)`)
      const fd = entry.program === undefined ? -1 : fdOf(entry.program, `${name}.program`)
      if (size >= 8) view.setInt32(at + 4, fd, le)
    },
  }
  return codec
}
