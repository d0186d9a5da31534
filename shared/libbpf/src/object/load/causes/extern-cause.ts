import { release } from 'node:os'
import { BpfError } from '../../../errors/bpf-error.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import type { LoadFailure } from './load-error.ts'

const KSYM = /extern \((var|func) ksym\) '([^']+)': (?:not found|.*failed)/
const STRONG = /extern '([^']+)' \(strong\): not resolved/
const KCONFIG = /extern \(kcfg\) '([^']+)'/

/** A `__ksym` or `__kconfig` extern that the kernel does not have. */
export function externCause(words: string, failure: LoadFailure): BpfError | undefined {
  const [, kind, symbol] = KSYM.exec(words) ?? []
  const name = symbol ?? STRONG.exec(words)?.[1] ?? KCONFIG.exec(words)?.[1]
  if (name === undefined) return undefined
  const option = name.startsWith('CONFIG_')
  return new BpfError({
    operation: 'load object',
    subject: failure.object,
    errno: failure.errno,
    problem: option
      ? `the kernel's configuration has no ${name}`
      : `the kernel has no ${kind === 'func' ? 'kfunc' : 'variable'} '${name}'`,
    hint: option
      ? `Make it __weak if the program can do without, or give it: { kconfig: '${name}=y' }. The kernel's own: /proc/config.gz or /boot/config-${release()}`
      : 'Make it __weak and test it before use if the program can do without.',
    cause: libbpfCause(failure.messages),
  })
}
