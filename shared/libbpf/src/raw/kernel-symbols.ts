import { readFileSync } from 'node:fs'

/** Names of kernel addresses, for reading a dump of a loaded program. */
export interface KernelSymbols {
  /** Name of the function that begins at exactly this address. */
  nameAt(address: bigint): string | undefined
  /** Address of `__bpf_call_base`, which helper calls are relative to; 0 when addresses are hidden. */
  readonly callBase: bigint
}

/** Reads the kernel's symbols from /proc/kallsyms, anew on each call because programs come and go. */
export function kernelSymbols(): KernelSymbols {
  // Searched as one text: to split its 150,000 lines takes longer than all the rest of a dump.
  // Read as UTF-8: Node does that natively, where any other encoding goes through 1,700 buffers.
  const text = `\n${readFileSync('/proc/kallsyms', 'utf8')}`
  const base = /^([0-9a-f]+) \S __bpf_call_base$/m.exec(text)?.[1]
  return {
    callBase: BigInt(`0x${base ?? '0'}`),
    nameAt: (address) => (address === 0n ? undefined : nameAt(text, address)),
  }
}

/** A line is `ffffffff81000000 T _stext`, and for a module's symbol its name follows. */
function nameAt(text: string, address: bigint): string | undefined {
  const start = `\n${BigInt.asUintN(64, address).toString(16).padStart(16, '0')} `
  const at = text.indexOf(start)
  if (at < 0) return undefined
  return /^\S (\S+)/.exec(text.slice(at + start.length, at + start.length + 600))?.[1]
}
