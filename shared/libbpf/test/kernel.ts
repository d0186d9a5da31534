/** What the kernel under test has. The labs' machine must have it all; elsewhere tests of what is missing are skipped. */
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { kernelConfig } from '../src/probe/kernel.ts'

const inMachine = process.env['EBPF_LABS_GUEST'] === '1'

/** Whether the kernel is at least this release. */
export function kernelAtLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [haveMajor = 0, haveMinor = 0] = release().split('.').map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** CONFIG_KPROBES */
export const hasKprobes = inMachine || existsSync('/sys/bus/event_source/devices/kprobe')

/** CONFIG_FPROBE, which kprobe.multi needs. */
export const hasFprobe = inMachine
  ? kernelConfig('CONFIG_FPROBE') === 'y' // arm64 has none before Linux 6.14
  : hasFunction('register_fprobe_ips')

/** BPF among the active security modules. */
export const hasBpfLsm = inMachine || /\bbpf\b/.test(readIfThere('/sys/kernel/security/lsm') ?? '')

/** CONFIG_NETKIT */
export const hasNetkit = inMachine ? kernelAtLeast('6.7') : hasFunction('netkit_prog_attach')

function hasFunction(name: string): boolean {
  return new RegExp(` [tT] ${name}$`, 'm').test(readIfThere('/proc/kallsyms') ?? '')
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined
}
