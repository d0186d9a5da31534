import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { exitOf, readAll } from '../src/host/child.ts'
import { findProcesses, type ProcessId } from '../src/host/process.ts'
import { selectArchitecture } from '../src/arch/select.ts'
import { workspace } from '../src/workspace.ts'

/** How a command ended, and all that it printed. */
export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The state folder of the machine that commands use without being asked for another kernel. */
export const usualMachine = (): string => `qemu-${selectArchitecture().name}-6.12`

/** A copy of the workspace with a machine of its own, so that tests may break both. */
export interface ScratchWorkspace extends AsyncDisposable {
  readonly folder: string
  /** Runs `vm.ts` there to its end. */
  vm(args: readonly string[], options?: VmOptions): Promise<Outcome>
  /** Runs `vm.ts` there and leaves it running. */
  startVm(args: readonly string[], options?: VmOptions): ChildProcess
  /** Its machine's processes on this host: they have the folder of its sockets in their command lines. */
  processes(): Promise<{ qemu: ProcessId[]; ssh: ProcessId[] }>
  /** Tells one start of the machine from another. */
  bootId(options?: VmOptions): Promise<string>
}

export interface VmOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly stdin?: string
  /** A program, with its arguments, that is to run it. */
  readonly through?: readonly string[]
  /** Where the workspace was moved to. */
  readonly workspace?: string
}

// What the disks are made from, so that the copy finds the same ones in the cache.
const copied = ['package.json', 'package-lock.json', '.npmrc', '.gitignore', 'vm']
const manifests = '{labs,shared}/*/package.json'

export function scratchWorkspace(): ScratchWorkspace {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ebpf-labs-test-'))
  for (const path of [...copied, ...globSync(manifests, { cwd: workspace })]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(workspace, path), join(folder, path), { recursive: true })
  }
  // What vm itself imports; the machine gets its own.
  symlinkSync(join(workspace, 'node_modules'), join(folder, 'node_modules'))
  spawnSync('git', ['init', '-q'], { cwd: folder })
  const startVm = (args: readonly string[], options: VmOptions = {}): ChildProcess => {
    const here = options.workspace ?? folder
    const argv = [process.execPath, join(here, 'vm', 'bin', 'vm.ts'), ...args]
    const [program = '', ...rest] = [...(options.through ?? []), ...argv]
    const child = spawn(program, rest, {
      cwd: options.cwd ?? here,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: 'pipe',
    })
    child.stdin?.end(options.stdin ?? '')
    return child
  }
  const vm = async (args: readonly string[], options?: VmOptions): Promise<Outcome> => {
    const child = startVm(args, options)
    const ended = Promise.all([readAll(child.stdout), readAll(child.stderr), exitOf(child)])
    const [stdout, stderr, { code }] = await ended
    return { exitCode: code, stdout, stderr }
  }
  return {
    folder,
    vm,
    startVm,
    async processes() {
      const module = `${folder}/vm/src/qemu/paths.ts`
      const { machinePaths } = await import(module)
      const text = `${machinePaths(usualMachine()).sockets}/`
      return { qemu: findProcesses(/^qemu-system/, text), ssh: findProcesses(/^ssh$/, text) }
    },
    async bootId(options) {
      return (await vm(['exec', '--', 'cat', '/proc/sys/kernel/random/boot_id'], options)).stdout
    },
    async [Symbol.asyncDispose]() {
      await vm(['down'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
