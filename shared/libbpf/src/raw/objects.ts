import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { decodeField, encodeAttr } from './attr.ts'
import type { HasFd } from './attr.ts'
import { bpf, operationName, tryBpf } from './bpf.ts'
import type { BpfCommand } from './commands.ts'
import { Fd } from './fd.ts'
import { hintFor } from './hints.ts'
import { INFO_LAYOUTS } from './attr/info-fields.ts'
import type { Field } from './attr/layout.ts'

/** The four kinds of objects that have ids. */
export type ObjectKind = 'prog' | 'map' | 'btf' | 'link'

const COMMANDS = {
  prog: { next: 'BPF_PROG_GET_NEXT_ID', open: 'BPF_PROG_GET_FD_BY_ID', id: 'prog_id' },
  map: { next: 'BPF_MAP_GET_NEXT_ID', open: 'BPF_MAP_GET_FD_BY_ID', id: 'map_id' },
  btf: { next: 'BPF_BTF_GET_NEXT_ID', open: 'BPF_BTF_GET_FD_BY_ID', id: 'btf_id' },
  link: { next: 'BPF_LINK_GET_NEXT_ID', open: 'BPF_LINK_GET_FD_BY_ID', id: 'link_id' },
} as const satisfies Record<ObjectKind, { next: BpfCommand; open: BpfCommand; id: string }>

/**
 * The ids of all objects of a kind, in ascending order; those that come and go meanwhile may be missing.
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function* objectIds(kind: ObjectKind): Generator<number, void, undefined> {
  const command = COMMANDS[kind].next
  const attr: { start_id: number; next_id?: number } = { start_id: 0 }
  for (;;) {
    const result = tryBpf(command, attr)
    if (result < 0 && errnoCode(result) === 'ENOENT') return
    if (result < 0) {
      const hint = hintFor(command, -result)
      throw new BpfError({ operation: `list ${kind} ids`, errno: -result, hint })
    }
    attr.start_id = attr.next_id ?? 0
    yield attr.start_id
  }
}

/**
 * Opens an object by its id; the descriptor keeps it alive.
 *
 * @returns undefined when there is no object of this id (any more), or it is a link that is just being made
 * @throws BpfError when the kernel refuses for another reason
 */
export function openById(kind: ObjectKind, id: number): Fd | undefined {
  const { open, id: field } = COMMANDS[kind]
  const result = tryBpf(open, { [field]: id })
  if (result >= 0) return new Fd(result, `${kind} ${id}`)
  const code = errnoCode(result)
  if (code === 'ENOENT') return undefined
  // It has its number, but is not attached yet (kernel/bpf/syscall.c, bpf_link_by_id).
  if (code === 'EAGAIN' && kind === 'link') return undefined
  throw new BpfError({
    operation: operationName(open),
    subject: String(id),
    errno: -result,
    hint: hintFor(open, -result),
  })
}

/** An info struct as the kernel filled it in; fields it is too old for are zero. */
export class ObjectInfo {
  readonly #kind: ObjectKind
  readonly #view: DataView
  /** The buffers that the kernel filled in beside the struct. */
  readonly buffers: readonly unknown[]

  constructor(kind: ObjectKind, bytes: Uint8Array<ArrayBuffer>, buffers: readonly unknown[] = []) {
    this.#kind = kind
    this.#view = new DataView(bytes.buffer)
    this.buffers = buffers
  }

  /** A 32-bit field, by its name in the header; `tcx.ifindex` for one in a nested struct. */
  u32(name: string): number {
    return Number(this.#scalar(name))
  }

  u64(name: string): bigint {
    return BigInt(this.#scalar(name))
  }

  text(name: string): string {
    return String(this.#read(name))
  }

  bytes(name: string): Uint8Array {
    const value = this.#read(name)
    if (value instanceof Uint8Array) return value
    throw new TypeError(`${name} is not bytes`)
  }

  #scalar(name: string): number | bigint {
    const value = this.#read(name)
    if (typeof value === 'number' || typeof value === 'bigint') return value
    throw new TypeError(`${name} is not a number`)
  }

  #read(name: string): number | bigint | string | Uint8Array {
    return decodeField(this.#view, fieldOf(this.#kind, name))
  }
}

function fieldOf(kind: ObjectKind, name: string): Field {
  const [outer = '', inner] = name.split('.')
  const found = INFO_LAYOUTS[kind].fields.get(outer)
  const field = found && 'nested' in found ? found.nested.get(inner ?? '') : found
  if (!field) throw new TypeError(`bpf_${kind}_info has no field ${name}`)
  return field
}

/**
 * Asks the kernel about an open object (BPF_OBJ_GET_INFO_BY_FD).
 *
 * @param request buffers to be filled and their lengths, by field name: `{ map_ids: new Uint32Array(4), nr_map_ids: 4 }`
 * @throws BpfError when the descriptor is not of this kind
 */
export function objectInfo(kind: ObjectKind, of: HasFd, request: object = {}): ObjectInfo {
  const info = encodeAttr(INFO_LAYOUTS[kind], request, `read ${kind} info`)
  bpf('BPF_OBJ_GET_INFO_BY_FD', { bpf_fd: of, info: info.bytes, info_len: info.bytes.length })
  return new ObjectInfo(kind, info.bytes, info.keepAlive)
}
