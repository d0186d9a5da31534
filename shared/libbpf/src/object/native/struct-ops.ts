import { BpfError } from '../../errors/bpf-error.ts'
import { bindLibbpf } from '../../ffi/libbpf.ts'
import { errno } from '../../ffi/library.ts'
import type { Pointer } from '../../ffi/library.ts'
import { captured, libbpfCause } from '../../ffi/print.ts'
import { bpf_link__destroy, bpf_link__fd } from '../../link/bindings.ts'
import { Link } from '../../link/link.ts'
import { permissionHint } from '../../raw/hints.ts'
import { errnoCode } from '../../errors/errno.ts'
import type { ObjectHandle } from './handle.ts'

const bpf_map__attach_struct_ops = bindLibbpf<(map: bigint) => Pointer>(
  'void *bpf_map__attach_struct_ops(const void *)',
)

/** Registers a struct_ops map with the kernel. */
export function attachStructOps(handle: ObjectHandle, name: string, map: bigint): Link {
  const { value, messages } = captured(() => {
    const pointer = bpf_map__attach_struct_ops(map)
    return { pointer, errno: pointer === null ? errno() : 0 }
  })
  const { pointer } = value
  if (pointer === null) {
    throw new BpfError({
      operation: 'attach struct_ops',
      subject: name,
      errno: value.errno,
      hint:
        HINTS[errnoCode(value.errno)] ??
        (errnoCode(value.errno) === 'EPERM' ? permissionHint() : undefined),
      cause: libbpfCause(messages),
    })
  }
  const hold = handle.hold() // without BPF_F_LINK the link is the map itself, which the object owns
  return new Link({
    what: `struct_ops '${name}'`,
    fd: bpf_link__fd(pointer),
    destroy: () => {
      bpf_link__destroy(pointer)
      hold.release()
    },
  })
}

const HINTS: Readonly<Record<string, string>> = {
  EINVAL: 'It must be a map of SEC(".struct_ops") or SEC(".struct_ops.link").',
  EEXIST: 'Something of the same name is registered already.',
  EBUSY: 'It is registered already, and only one may be at a time.',
}
