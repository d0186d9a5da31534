import { readdirSync } from 'node:fs'
import { BpfError } from '../../../errors/bpf-error.ts'
import { closest } from '../../../errors/closest.ts'
import { errnoCode } from '../../../errors/errno.ts'
import { bindLibc } from '../../../ffi/libc.ts'
import { errno } from '../../../ffi/library.ts'
import { checkRange } from '../../../ffi/range.ts'
import { didYouMean } from '../tracing/explain-names.ts'

const if_nametoindex = bindLibc<(name: string) => number>(
  'unsigned int if_nametoindex(const char *)',
)

/**
 * Index of a network interface in this process's network namespace.
 * @param device its name, or the index itself
 * @throws {BpfError} if there is no interface of this name
 */
export function interfaceIndex(
  device: string | number,
  operation: string,
  subject: string,
): number {
  if (typeof device === 'number') return checkRange(device, [1, 0x7fff_ffff], operation, subject)
  const index = if_nametoindex(device)
  if (index > 0) return index
  const code = errno()
  throw new BpfError({
    operation,
    subject,
    target: `to interface ${device}`,
    errno: code,
    problem: errnoCode(code) === 'ENODEV' ? 'there is no such interface' : undefined,
    hint: `${didYouMean(closest(device, interfaces()))}Look with: ip link`,
  })
}

function interfaces(): string[] {
  try {
    return readdirSync('/sys/class/net')
  } catch {
    return [] // sysfs is not mounted: no suggestion then
  }
}
