import { readFileSync } from 'node:fs'

/** Names of kernel addresses, for reading a dump of a loaded program. */
export interface KernelSymbols {
  /** Name of the function that begins at exactly this address. */
  nameAt(address: bigint): string | undefined
  /** Address of `__bpf_call_base`, which helper calls are relative to; 0 when addresses are hidden. */
  readonly callBase: bigint
}

/**
 * Looks up kernel symbols in /proc/kallsyms, read anew on each call because programs come and go.
 *
 * @param wanted only these addresses are kept, and those relative to `__bpf_call_base`
 */
export function kernelSymbols(wanted: {
  readonly addresses: readonly bigint[]
  readonly offsets: readonly number[]
}): KernelSymbols {
  const text = readFileSync('/proc/kallsyms', 'latin1')
  const base = /^([0-9a-f]+) \S __bpf_call_base$/m.exec(text)?.[1]
  const callBase = BigInt(`0x${base ?? '0'}`)
  const names = new Map<string, string | undefined>()
  for (const address of wanted.addresses) names.set(hex(address), undefined)
  for (const offset of wanted.offsets) names.set(hex(callBase + BigInt(offset)), undefined)
  names.delete(hex(0n))
  if (names.size > 0) fill(names, text)
  return { callBase, nameAt: (address) => names.get(hex(address)) }
}

function fill(names: Map<string, string | undefined>, text: string): void {
  for (const [, address, name] of text.matchAll(/^([0-9a-f]{16}) \S (\S+)/gm)) {
    if (address !== undefined && names.has(address)) names.set(address, names.get(address) ?? name)
  }
}

function hex(address: bigint): string {
  return BigInt.asUintN(64, address).toString(16).padStart(16, '0')
}
