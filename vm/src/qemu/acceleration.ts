import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { cpus, release } from 'node:os'
import { dirname, join } from 'node:path'
import type { Acceleration, Architecture } from '../arch/arch.ts'
import { cacheFolder, keyOf } from '../host/cache.ts'
import { command } from '../host/command.ts'
import { spawnGuarded } from '../host/guard.ts'
import { findProgram } from '../host/programs.ts'
import { say, step } from '../host/step.ts'

/** How long a kernel may take under KVM until it looks for its root disk. */
const probeDeadline = 5000

/**
 * What to run the machine with. That /dev/kvm exists says little, so a kernel is booted under
 * it once; the verdict is kept for this QEMU, host kernel and processor.
 */
export async function chooseAcceleration(
  arch: Architecture,
  kernel: string,
): Promise<Acceleration> {
  const program = findProgram(arch.qemu) ?? arch.qemu
  const text = await command([program, '--version'])
  const [, major = '0', minor = '0'] = /version (\d+)\.(\d+)/.exec(text) ?? []
  const qemu = [Number(major), Number(minor)] as const
  const kvm: Acceleration = { kind: 'kvm', qemu }
  const tcg: Acceleration = { kind: 'tcg', qemu }
  if (arch.hostArch !== process.arch || !canOpen('/dev/kvm')) return tcg
  const key = keyOf(text, release(), cpus()[0]?.model ?? '', kernel)
  const verdict = join(verdicts(), `${arch.name}-${key}`)
  const known = readVerdict(verdict)
  if (known) return known === 'kvm' ? kvm : tcg
  const works = await step('Trying KVM', () => bootsUnderKvm(program, arch, kvm, kernel))
  if (!works) say('  KVM is there but does not work: the processor is emulated, which is slower.')
  mkdirSync(dirname(verdict), { recursive: true })
  writeFileSync(verdict, works ? 'kvm\n' : 'tcg\n')
  return works ? kvm : tcg
}

/** A verdict for KVM holds; one against it is a day old at most, for the host may have been busy. */
function readVerdict(file: string): string | undefined {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  const verdict = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  return verdict === 'kvm' || age < 24 * 3600 * 1000 ? verdict : undefined
}

/** What the last trial of KVM on this computer found, if there was one. */
export function lastVerdict(arch: Architecture): string | undefined {
  if (!existsSync(verdicts())) return undefined
  const files = readdirSync(verdicts()).filter((name) => name.startsWith(arch.name))
  const newest = files
    .map((name) => join(verdicts(), name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
  return newest && readFileSync(newest, 'utf8').trim()
}

const verdicts = (): string => join(cacheFolder(), 'acceleration')

function canOpen(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Boots a kernel without a disk: if it gets as far as missing it, KVM works. */
async function bootsUnderKvm(
  program: string,
  arch: Architecture,
  kvm: Acceleration,
  kernel: string,
): Promise<boolean> {
  const qemu = spawnGuarded(
    program,
    [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '256'],
      ...['-accel', 'kvm', ...arch.machineArguments(kvm), '-serial', 'stdio'],
      ...['-kernel', kernel, '-append', ['panic=-1', ...arch.kernelArguments].join(' ')],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let console = ''
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), probeDeadline)
  qemu.stdout?.on('data', (chunk) => {
    console += String(chunk)
    if (console.includes('Unable to mount root fs')) resolve(true)
  })
  qemu.once('error', () => resolve(false))
  qemu.once('exit', () => resolve(console.includes('Unable to mount root fs')))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    qemu.kill('SIGTERM')
  }
}
