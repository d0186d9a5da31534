import { type StraceValue, fieldsOf, isDescriptor, textOf } from './value.ts'

/** A program that a netlink message attaches. */
export interface Attached {
  /** Descriptor of the program, as strace shows it or as a number. */
  program: StraceValue
  /** `lo`, or the number of the interface. */
  device: string
  hook: 'XDP' | 'tc'
}

const TCA_BPF_FD = 6 // linux/pkt_cls.h

/** What a message to the kernel's network configuration attaches (`ip link set … xdp`, `tc filter add … bpf`), if anything. */
export function attachedByNetlink(args: StraceValue[]): Attached | undefined {
  const attributes = [...pairs(args)]
  const of = (name: string) => attributes.find(([type]) => type === name)?.[1]
  const xdp = of('IFLA_XDP_FD')
  if (xdp !== undefined && xdp !== -1)
    // -1 detaches
    return { program: xdp, device: deviceIn(args, 'ifi_index'), hook: 'XDP' }
  if (of('TCA_KIND') !== 'bpf') return undefined
  const fd = u32Attribute(Buffer.from(textOf(of('TCA_OPTIONS')), 'latin1'), TCA_BPF_FD)
  if (fd === undefined) return undefined
  return { program: fd, device: deviceIn(args, 'tcm_ifindex'), hook: 'tc' }
}

/** Attributes at any depth; strace shows each as `[{nla_type=…}, value]`. */
function* pairs(value: StraceValue): Generator<[string, StraceValue]> {
  if (Array.isArray(value)) {
    const [head, content] = value
    const type = textOf(fieldsOf(head)['nla_type'])
    if (type !== '' && content !== undefined) yield [type, content]
    for (const item of value) yield* pairs(item)
  } else if (typeof value === 'object' && value !== null && !isDescriptor(value)) {
    for (const item of Object.values(value)) yield* pairs(item)
  }
}

function deviceIn(value: StraceValue, field: string): string {
  if (Array.isArray(value)) return value.map((item) => deviceIn(item, field)).find(Boolean) ?? ''
  const fields = fieldsOf(value)
  const own = textOf(fields[field]).replace(/^if_nametoindex\((.*)\)$/, '$1')
  if (own !== '') return own
  return (
    Object.values(fields)
      .map((item) => deviceIn(item, field))
      .find(Boolean) ?? ''
  )
}

/** A number among attributes that strace shows as bytes: length and type, 2 bytes each, then the value, padded to 4. */
function u32Attribute(bytes: Buffer, wanted: number): number | undefined {
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 4) return undefined
    if (bytes.readUInt16LE(at + 2) === wanted) return bytes.readUInt32LE(at + 4)
    at += (length + 3) & ~3
  }
  return undefined
}
