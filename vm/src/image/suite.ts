import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pin } from './apt.ts'

// Shell variables, because provision.sh reads them, too.
const settings = readFileSync(join(import.meta.dirname, '..', '..', 'provision', 'suites'), 'utf8')

function setting(name: string): string {
  const value = new RegExp(`^${name}='?([^'\\n]+)'?$`, 'm').exec(settings)?.[1]
  if (!value) throw new Error(`vm/provision/suites lacks ${name}=`)
  return value
}

/** The Debian release that the machine's programs come from, whatever its kernel. */
export const suite = setting('suite')

/** libbpf 1.7 and its bpftool: newer than the suite's own, and all they need is in the suite. */
export const pin: Pin = {
  suite: setting('newer_suite'),
  packages: setting('newer_packages').split(' '),
}
