import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import type * as DockerCompose from 'docker-compose'
import { HostError } from '../errors.ts'
import { step } from '../host/step.ts'
import { readConsole } from '../qemu/console.ts'
import { machinePaths } from '../qemu/paths.ts'
import { workspace } from '../workspace.ts'
import type { Box } from './box.ts'
import { checkDocker } from './docker.ts'
import { boxName } from './names.ts'
import { provisionKey, vmFolder } from './provision.ts'

const docker = (...args: string[]) =>
  spawnSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** A container on this computer's own kernel, as compose.yaml describes it. */
export function composeBox(): Box {
  const machine = boxName()
  const paths = machinePaths('compose')
  const key = provisionKey()
  const options: DockerCompose.IDockerComposeOptions = {
    cwd: vmFolder,
    config: 'compose.yaml',
    env: {
      ...process.env,
      EBPF_LABS_MACHINE: machine,
      EBPF_LABS_KEY: key,
      EBPF_LABS_WORKSPACE: workspace,
    },
    callback: (chunk) => appendFileSync(paths.console, chunk),
  }
  const compose = async (
    what: string,
    work: (program: typeof DockerCompose) => Promise<unknown>,
  ): Promise<void> => {
    mkdirSync(paths.folder, { recursive: true })
    try {
      // Loaded here: commands in a container that runs already do without it.
      await step(what, async () => work(await import('docker-compose')))
    } catch (error) {
      throw failure(what, error)
    }
  }
  const start = async (): Promise<void> => {
    if (docker('image', 'inspect', `ebpf-labs:${key}`).status !== 0) {
      await compose('The container image', ({ buildOne }) => buildOne('machine', options))
    }
    const noBuild = { ...options, commandOptions: ['--no-build'] }
    await compose('Starting the container', ({ upOne }) => upOne('machine', noBuild))
  }
  return {
    name: 'compose',
    machine,
    paths,
    check: checkDocker,
    transport: () => ({
      argv: (script, tty) => [
        'docker',
        'exec',
        tty ? '-it' : '-i',
        '-w',
        '/',
        machine,
        'sh',
        '-c',
        script,
      ],
    }),
    start,
    // The running container has no network to install from; another image replaces it.
    remake: start,
    async end() {
      const there = docker('container', 'inspect', machine).status === 0
      if (there) {
        endCommands(machine)
        await compose('Removing the container', ({ down }) => down(options))
      }
      for (const file of [paths.sync, paths.runs, paths.sockets]) {
        rmSync(file, { recursive: true, force: true })
      }
      return there
    },
    logs: () => `${readConsole(paths.console)}${docker('logs', machine).stdout ?? ''}`,
  }
}

/**
 * Ends what runs in a container besides its first process. With the host's process numbers nothing
 * else does: Docker waits for it without end, and so do those who wait for the commands.
 */
function endCommands(machine: string): void {
  const first = docker('container', 'inspect', '--format', '{{.State.Pid}}', machine).stdout.trim()
  // Whoever looks next sees that this is not the machine any more that it was.
  const script = `rm -f /var/lib/ebpf-labs/id; own=$(readlink /proc/self/ns/mnt)
for process in /proc/[0-9]*; do pid=\${process#/proc/}
[ "$pid" = $$ ] || [ "$pid" = ${first} ] || [ "$(readlink $process/ns/mnt)" != "$own" ] || kill -KILL $pid
done`
  docker('exec', machine, 'sh', '-c', script)
}

function failure(what: string, error: unknown): HostError {
  const said =
    typeof error === 'object' && error !== null && 'err' in error
      ? String(error.err)
      : String(error)
  const end = said.trim().split('\n').slice(-8).join('\n  ')
  return new HostError(
    `${what}: docker compose failed:\n  ${end}\nAll of it: npm run vm -- logs. What Docker lacks: npm run vm -- doctor`,
  )
}
