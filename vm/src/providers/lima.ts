import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HostError } from '../errors.ts'
import { step } from '../host/step.ts'
import { readConsole } from '../qemu/console.ts'
import { machinePaths } from '../qemu/paths.ts'
import type { Box } from './box.ts'
import { boxName } from './names.ts'
import { vmFolder } from './provision.ts'
import { runLogged } from './run-logged.ts'
import { sshConfigTransport } from './ssh-config.ts'

/** The oldest Lima that reads lima.yaml. */
export const oldestLima = [2, 0] as const

/** What Lima says of an instance: the fields of `limactl list --json` that matter here. */
export interface LimaInstance {
  readonly name: string
  /** `Running`, `Stopped`, `Broken`, … (pkg/limatype/lima_instance.go). */
  readonly status: string
  readonly dir: string
  readonly sshConfigFile: string
}

/** A Debian 13 in Lima, as lima.yaml describes it. */
export function limaBox(): Box {
  const machine = boxName()
  const paths = machinePaths('lima')
  const hint = 'All that it said: npm run vm -- logs'
  const limactl = (...args: string[]) =>
    runLogged(['limactl', '--tty=false', ...args], { log: paths.console, hint })
  return {
    name: 'lima',
    machine,
    paths,
    async check() {
      const trouble = limaTrouble()
      if (!trouble) return
      throw new HostError(`LAB_VM=lima: ${trouble.detail}. What mends it:\n  ${trouble.remedy}`)
    },
    transport() {
      const config = join(limaHome(), machine, 'ssh.config')
      return sshConfigTransport(config, `lima-${machine}`, paths.control)
    },
    async start() {
      const known = listInstances().find(({ name }) => name === machine)
      const what = known
        ? [machine]
        : [`--name=${machine}`, '--timeout=20m', join(vmFolder, 'lima.yaml')]
      await step(known ? `Starting ${machine}` : `Making ${machine} (some minutes, once)`, () =>
        limactl('start', ...what),
      )
    },
    async end() {
      const there = listInstances().some(({ name }) => name === machine)
      if (there) await step(`Removing ${machine}`, () => limactl('delete', '--force', machine))
      for (const file of [paths.sync, paths.runs, paths.sockets]) {
        rmSync(file, { recursive: true, force: true })
      }
      return there
    },
    logs() {
      const folder = listInstances().find(({ name }) => name === machine)?.dir
      const consoles = folder ? globSync(join(folder, '{ha.stderr,serial*}.log')) : []
      return readConsole(paths.console) + consoles.map((file) => readFileSync(file)).join('')
    },
  }
}

/** Where Lima keeps its instances. */
const limaHome = (): string => process.env['LIMA_HOME'] || join(process.env['HOME'] ?? '', '.lima')

function listInstances(): LimaInstance[] {
  const { stdout, status } = spawnSync('limactl', ['list', '--json'], { encoding: 'utf8' })
  return status === 0 ? parseInstances(stdout) : []
}

/** Reads what `limactl list --json` prints: one object a line. */
export const parseInstances = (output: string): LimaInstance[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

/** What keeps Lima from being used, and what mends it; undefined if nothing does. */
export function limaTrouble(): { detail: string; remedy: string } | undefined {
  const remedy = 'brew install lima'
  const { stdout, error } = spawnSync('limactl', ['--version'], { encoding: 'utf8' })
  if (error) return { detail: 'limactl is not installed', remedy }
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  const [needMajor, needMinor] = oldestLima
  const newEnough = +major > needMajor || (+major === needMajor && +minor >= needMinor)
  if (!newEnough && /\d+\.\d+/.test(stdout)) {
    const detail = `Lima ${needMajor}.${needMinor} or newer is needed, and this is ${major}.${minor}`
    return { detail, remedy: 'brew upgrade lima' }
  }
  if (process.getuid?.() === 0) {
    const remedyAsUser = `su -c 'LAB_VM=lima npm run vm -- setup' USER   # a normal user of yours`
    return { detail: 'Lima does not run for root', remedy: remedyAsUser }
  }
  return undefined
}
