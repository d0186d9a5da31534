import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import type { Architecture } from '../arch/arch.ts'
import { HostError } from '../errors.ts'
import { exitOf, readAll } from './child.ts'
import { thisDistribution, type Distribution } from './distribution.ts'
import { findProgram } from './programs.ts'
import { requirements, unmet, versionedClang, type Requirement } from './requirements.ts'
import { say, step } from './step.ts'

/** Several things are made at the same time, and one question is enough. */
const provided = new Map<Architecture, Promise<void>>()

/**
 * Sees to it that this host has what set-up needs: installs what is missing if it may, after
 * asking where somebody can answer.
 * @throws HostError with the one command that does it, where it may or can not.
 */
export function provideRequirements(arch: Architecture, yes = false): Promise<void> {
  const known = provided.get(arch) ?? provide(arch, yes)
  provided.set(arch, known)
  return known
}

async function provide(arch: Architecture, yes: boolean): Promise<void> {
  if (process.platform !== 'linux') {
    throw new HostError(`the built-in machine needs Linux, and this is ${process.platform}.`)
  }
  const lacking = await unmet(requirements(arch))
  if (lacking.length === 0) return
  say('This computer lacks:')
  for (const { programs, purpose } of lacking) say(`  ${programs.join(', ')}, to ${purpose}`)
  const distribution = thisDistribution()
  if (!distribution) {
    const names = lacking.flatMap(({ programs }) => programs).join(', ')
    throw new HostError(`install ${names} with your package manager, then run this again.`)
  }
  await install(distribution, lacking, yes)
  const still = await unmet(requirements(arch))
  if (still.length === 0) return
  const names = still.flatMap(({ programs }) => programs).join(', ')
  throw new HostError(`${names}: still missing after the packages were installed.`)
}

/** The shell command that brings what is lacking. */
export function installCommand(
  distribution: Distribution,
  lacking: readonly Requirement[],
): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  const packages = lacking.map(({ packages: names }) => names[distribution.name])
  const names = packages.map((name) => (name === versionedClang ? newestClang() : name))
  const update = distribution.name === 'apt' ? `${sudo}apt-get update && ` : ''
  return `${update}${sudo}${[...distribution.install, ...names].join(' ')}`
}

/** Debian and Ubuntu have several; the plain `clang` may be older than what is needed. */
function newestClang(): string {
  for (const version of [19, 20, 21, 18, 17, 16, 15]) {
    const { status, stdout } = spawnSync('apt-cache', ['show', `clang-${version}`])
    if (status === 0 && stdout.length > 0) return `clang-${version} llvm-${version}`
  }
  return 'clang llvm'
}

async function install(distribution: Distribution, lacking: Requirement[], yes: boolean) {
  // Without package lists, as in a fresh container, nobody can tell which clang there is.
  if (distribution.name === 'apt' && process.getuid?.() === 0) await run('apt-get -qq update')
  const command = installCommand(distribution, lacking)
  say(`It takes:\n  ${command}`)
  const next = `Run this, then the same command again:\n  ${command}`
  if (!mayBecomeRoot()) throw new HostError(`that needs root. ${next}`)
  const interactive = process.stdin.isTTY && process.stderr.isTTY && !process.env['CI']
  if (interactive && !yes && !(await confirmed())) throw new HostError(`nothing installed. ${next}`)
  // sudo asks here, where nothing else is written to the terminal.
  if (process.getuid?.() !== 0) spawnSync('sudo', ['-v'], { stdio: 'inherit' })
  const failure = await step('Installing packages', () => run(command))
  if (failure) throw new HostError(`the packages could not be installed:\n  ${failure}\n${next}`)
}

/** As root, or where sudo can ask for a password or needs none. */
function mayBecomeRoot(): boolean {
  if (process.getuid?.() === 0) return true
  if (!findProgram('sudo')) return false
  return process.stdin.isTTY || spawnSync('sudo', ['-n', 'true']).status === 0
}

async function confirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^(y|yes|)$/i.test((await terminal.question('Do that now? [Y/n] ')).trim())
  } finally {
    terminal.close()
  }
}

/** Runs a shell command and returns the end of what it printed, if it fails. */
async function run(command: string): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn('sh', ['-c', `exec 2>&1; ${command}`], { stdio: ['ignore', 'pipe', 2], env })
  const [output, { code }] = await Promise.all([readAll(child.stdout), exitOf(child)])
  return code === 0 ? undefined : output.trim().split('\n').slice(-8).join('\n  ')
}
