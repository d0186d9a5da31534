import koffi from 'koffi'
import { UnsupportedError } from '../../errors/unsupported-error.ts'
import { libbpfAtLeast } from '../../ffi/libbpf.ts'
import { pageSize } from '../../ffi/mmap.ts'
import { VerifierError } from '../../errors/verifier-error.ts'
import { MapType } from '../../maps/map-type.ts'
import { assemble } from '../../raw/insn/assemble.ts'
import { mapCreate, progLoad } from '../../raw/prog-load.ts'
import type { Memory } from '../data-section.ts'
import * as c from './bindings.ts'
import type { ObjectHandle } from './handle.ts'

/** Variables of a loaded object in memory of libbpf's, which goes when the object is closed. */
export class BorrowedSection implements Memory {
  readonly #handle: ObjectHandle
  readonly #map: bigint
  readonly #section: string
  #view: DataView<ArrayBuffer> | undefined

  /** @param map an arena, or a struct_ops map */
  constructor(handle: ObjectHandle, map: bigint, section: string) {
    this.#handle = handle
    this.#map = map
    this.#section = section
    handle.onClose(() => {
      this.#view?.buffer.transfer(0)
      this.#view = undefined
    })
  }

  view(operation: string): DataView {
    this.#handle.assertOpen(operation, this.#section)
    return (this.#view ??= this.#open(operation))
  }

  #open(operation: string): DataView<ArrayBuffer> {
    const size = new BigUint64Array(1)
    const address = c.bpf_map__initial_value(this.#map, size)
    if (address === null) throw noValues(operation, this.#section)
    const length = Number(size[0])
    const isArena = c.bpf_map__type(this.#map) === MapType.arena
    const offset = isArena ? offsetInArena(this.#map, length) : 0
    return new DataView(koffi.view(address + BigInt(offset), length))
  }
}

/** The error for values that this libbpf keeps to itself. */
export function noValues(operation: string, section: string): UnsupportedError {
  return new UnsupportedError({
    feature: 'values of arenas and struct_ops maps',
    needs: { libbpf: '1.5' },
    operation,
    subject: section,
  })
}

/** libbpf 1.7 puts variables on the last pages, where the kernel can address them (libbpf.c, arena_data_off). */
function offsetInArena(map: bigint, length: number): number {
  if (!libbpfAtLeast('1.7') || !takesAnyOffset()) return 0
  const pages = c.bpf_map__max_entries(map) - Math.ceil(length / pageSize())
  return pages * pageSize()
}

const BPF_PROG_TYPE_SOCKET_FILTER = 1

/** Whether the verifier takes addresses of map values beyond 512 MB, as libbpf finds out (features.c). */
function takesAnyOffset(): boolean {
  using map = mapCreate({ map_type: MapType.array, key_size: 4, value_size: 1, max_entries: 1 })
  const insns = assemble('r1 = 0x0\nexit')
  // r1 = map_value(map, offset 1 << 30)
  insns[1] = 1 | (2 << 4)
  const words = new DataView(insns.buffer)
  words.setInt32(4, map.fd, true)
  words.setInt32(12, 1 << 30, true)
  try {
    progLoad({ prog_type: BPF_PROG_TYPE_SOCKET_FILTER, insns }).fd.close()
    return true
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error
    return !error.log.includes('direct value offset of')
  }
}
