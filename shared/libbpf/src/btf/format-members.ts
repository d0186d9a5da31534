import type { Btf } from './btf.ts'
import { alignOf, isPacked, naturalAlign, sizeOf } from './layout.ts'
import type { BtfComposite, BtfMember } from './types.ts'

/** The members of a struct as C, with unnamed bitfields where the layout has gaps C would not make. */
export function memberLines(
  btf: Btf,
  struct: BtfComposite,
  declare: (id: number, name: string) => string,
): { lines: string[]; packed: boolean } {
  const packed = struct.kind === 'struct' && isPacked(btf, struct)
  const lines: string[] = []
  let end = 0
  for (const member of struct.members) {
    if (struct.kind === 'struct') {
      lines.push(...padding(placeOf(btf, member, end, packed), member.bitOffset, end))
    }
    const width = member.bits > 0 ? ` : ${member.bits}` : ''
    lines.push(`${declare(member.type, member.name)}${width}`)
    end = Math.max(end, member.bitOffset + (member.bits || sizeOf(btf, member.type) * 8))
  }
  const align = packed ? 8 : naturalAlign(btf, struct) * 8
  const natural = Math.ceil(end / align) * align
  if (struct.kind === 'struct') lines.push(...padding(natural, struct.size * 8, end))
  return { lines, packed }
}

/** Where the compiler would put the next member by itself, in bits. */
function placeOf(btf: Btf, member: BtfMember, end: number, packed: boolean): number {
  if (member.bits > 0) {
    const unit = sizeOf(btf, member.type) * 8
    const isSplit = Math.floor(end / unit) !== Math.floor((end + member.bits - 1) / unit)
    return isSplit && !packed ? Math.ceil(end / unit) * unit : end
  }
  const align = packed ? 8 : alignOf(btf, member.type) * 8
  return Math.ceil(end / align) * align
}

/** Unnamed bitfields from `end` on; none where the compiler leaves the gap itself. */
function padding(natural: number, wanted: number, end: number): string[] {
  if (natural >= wanted) return []
  const lines: string[] = []
  for (let at = end; at < wanted; at = Math.min(wanted, (Math.floor(at / 64) + 1) * 64)) {
    lines.push(`long : ${Math.min(64 - (at % 64), wanted - at)}`)
  }
  return lines
}
