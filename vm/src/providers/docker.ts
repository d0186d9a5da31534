import { spawnSync } from 'node:child_process'
import { HostError } from '../errors.ts'

/** What keeps Docker from being used, and what mends it; undefined if nothing does. */
export function dockerTrouble(): { detail: string; remedy: string } | undefined {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  const server = run(['docker', 'version', '--format', '{{.Server.Version}}'])
  if (!server) {
    return {
      detail: 'docker is not installed',
      remedy: install(sudo, 'docker.io docker-cli'),
    }
  }
  if (server.status !== 0) return daemonTrouble(server.stderr, sudo)
  const compose = run(['docker', 'compose', 'version', '--short'])
  if (compose?.status === 0) return undefined
  return {
    detail: "Docker's Compose plugin (`docker compose`, version 2 or newer) is missing",
    remedy: install(
      sudo,
      '"$(apt-cache show docker-compose-v2 >/dev/null 2>&1 && echo docker-compose-v2 || echo docker-compose)"',
    ),
  }
}

/** What docker said when it could not reach its daemon, read. */
export function daemonTrouble(said: string, sudo: string): { detail: string; remedy: string } {
  if (/permission denied/i.test(said)) {
    return {
      detail: "this user may not use Docker's socket",
      remedy: `${sudo}usermod -aG docker "$USER"   # then log in again`,
    }
  }
  if (/cannot connect|is the docker daemon running|connection refused|no such host/i.test(said)) {
    const remedy =
      process.platform === 'darwin' ? 'open -a Docker' : `${sudo}systemctl start docker`
    const where = process.env['DOCKER_HOST']
    return {
      detail: `Docker's daemon does not answer${where ? ` at DOCKER_HOST=${where}` : ''}`,
      remedy: where ? 'unset DOCKER_HOST' : remedy,
    }
  }
  return { detail: said.trim().split('\n').at(-1) ?? 'docker fails', remedy: 'docker version' }
}

/**
 * Makes sure that Docker and its Compose plugin can be used.
 * @throws HostError with the command that mends it.
 */
export async function checkDocker(): Promise<void> {
  const trouble = dockerTrouble()
  if (trouble) {
    throw new HostError(`LAB_VM=compose: ${trouble.detail}. What mends it:\n  ${trouble.remedy}`)
  }
}

function install(sudo: string, packages: string): string {
  return process.platform === 'darwin'
    ? 'brew install --cask docker'
    : `${sudo}apt-get update && ${sudo}apt-get install -y ${packages}`
}

function run([program = '', ...args]: readonly string[]) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  return error ? undefined : { status, stderr }
}
