import { BpfError } from '../errors/bpf-error.ts'
import { objectInfo, openById } from '../raw/objects.ts'

/** MODULE_NAME_LEN and to spare. */
const NAME_SIZE = 128

/**
 * The raw BTF that the kernel holds under an id.
 *
 * @throws BpfError when there is none of this id, or without privilege.
 */
export function readById(id: number): { bytes: Uint8Array; split: boolean } {
  using fd = openById('btf', id)
  if (!fd) {
    throw new BpfError({
      operation: 'read BTF',
      subject: `id ${id}`,
      problem: 'there is no BTF with this id',
      hint: 'list them with bpftool btf list',
    })
  }
  const info = objectInfo('btf', fd)
  const bytes = new Uint8Array(info.u32('btf_size'))
  const ofKernel = info.u32('kernel_btf') === 1
  const name = Buffer.alloc(NAME_SIZE)
  // Before 5.11 the struct ends in front of the name, and what goes beyond it is refused (E2BIG).
  const request = ofKernel ? { name, name_len: name.length } : {}
  objectInfo('btf', fd, { btf: bytes, btf_size: bytes.length, ...request })
  // Only a module's BTF builds on another, the kernel's (btf_parse_module in kernel/bpf/btf.c).
  const isModule = ofKernel && name.toString('utf8', 0, name.indexOf(0)) !== 'vmlinux'
  return { bytes, split: isModule }
}
