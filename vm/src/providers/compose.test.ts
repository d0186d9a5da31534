import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  scratchWorkspace,
  type ScratchWorkspace,
  type VmOptions,
} from '../../test/scratch-workspace.ts'
import { exitOf } from '../host/child.ts'
import { daemonTrouble, dockerTrouble } from './docker.ts'
import { provisionKey, vmFolder } from './provision.ts'

test('the container gets no more than it needs of the host', () => {
  const file = parse(readFileSync(join(vmFolder, 'compose.yaml'), 'utf8'))
  const { machine } = file.services
  expect(machine).not.toHaveProperty('privileged')
  expect(machine).not.toHaveProperty('volumes')
  expect(machine).toMatchObject({ network_mode: 'none', cap_drop: ['ALL'] })
})

test('what docker complains about is told with what mends it', () => {
  const denied = 'permission denied while trying to connect to the Docker daemon socket'
  expect(daemonTrouble(denied, 'sudo ').remedy).toMatch(/^sudo usermod -aG docker/)
  const down = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.'
  expect(daemonTrouble(down, 'sudo ').detail).toContain('does not answer')
})

const hasDocker = process.platform === 'linux' && !dockerTrouble() && hasImage()

/** Making the image takes minutes and a registry: where neither is there, nothing can be tried. */
function hasImage(): boolean {
  return [`ebpf-labs:${provisionKey()}`, 'debian:13'].some(
    (image) => spawnSync('docker', ['image', 'inspect', image]).status === 0,
  )
}

describe.runIf(hasDocker)('with Docker', () => {
  let scratch: ScratchWorkspace
  const env = { LAB_VM: 'compose' }
  const vm = (args: readonly string[], options: VmOptions = {}) =>
    scratch.vm(args, { ...options, env: { ...env, ...options.env } })
  const sh = (script: string, options?: VmOptions) =>
    vm(['exec', '--', 'sh', '-c', script], options)

  beforeAll(async () => {
    scratch = scratchWorkspace()
    const first = await vm(['exec', '--', 'true'])
    if (first.exitCode !== 0) throw new Error(first.stderr)
  }, 600_000)
  afterAll(() => scratch[Symbol.asyncDispose]())

  test('exit code, stdout and stderr come through apart', async () => {
    const outcome = await sh('echo out; echo err >&2; exit 23')
    expect(outcome).toEqual({ exitCode: 23, stdout: 'out\n', stderr: 'err\n' })
  })

  test('exit codes that docker uses, too, are the command’s own', async () => {
    expect((await sh('exit 125')).exitCode).toBe(125)
    expect((await sh('kill -SEGV $$')).exitCode).toBe(128 + 11)
  })

  test('arguments and stdin arrive as they were given', async () => {
    const words = ["it's", '$HOME', 'two  words', 'line\nbreak', '', '*', '\\']
    const { stdout } = await vm(['exec', '--', 'printf', '<%s>', ...words])
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''))
    const counted = await vm(['exec', '--', 'wc', '-c'], { stdin: 'x'.repeat(1_000_003) })
    expect(counted.stdout.trim()).toBe('1000003')
  })

  test('it is root in the workspace, with the pinned Node, libbpf and bpftool', async () => {
    const script = `id -u; pwd; echo $EBPF_LABS_GUEST; node --version
      readlink -f /usr/lib/*/libbpf.so.1; bpftool version | head -n 1; stat -f -c %T /sys/fs/bpf`
    const { stdout } = await sh(script, { cwd: join(scratch.folder, 'vm') })
    const [uid, pwd, guest, node, libbpf, bpftool, bpffs] = stdout.split('\n')
    expect([uid, pwd, guest, node]).toEqual(['0', '/workspace/vm', '1', process.version])
    expect(libbpf).toMatch(/libbpf\.so\.1\.[7-9]/)
    expect(bpftool).toMatch(/v7\.([89]|\d\d)/)
    expect(bpffs).toBe('bpf_fs')
  })

  test('programs can be loaded, maps made and links attached', async () => {
    const { exitCode, stdout } = await sh(`ip link add one type veth peer name other &&
      bpftool map create /sys/fs/bpf/m type hash key 4 value 4 entries 23 name m &&
      bpftool -j map show name m`)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('"max_entries":23')
  })

  test('there is no network but its own', async () => {
    const { stdout } = await sh('ls /sys/class/net | grep -v -e one -e other; ip route')
    expect(stdout).toBe('lo\n')
  })

  test('the next command sees changes, and what it writes stays in the container', async () => {
    const file = join(scratch.folder, 'vm', 'some file')
    writeFileSync(file, 'one')
    expect((await vm(['exec', '--', 'cat', 'vm/some file'])).stdout).toBe('one')
    await sh('rm -rf vm/src; echo changed >package.json; echo new >new-file')
    expect(existsSync(join(scratch.folder, 'vm', 'src', 'index.ts'))).toBe(true)
    expect(existsSync(join(scratch.folder, 'new-file'))).toBe(false)
    rmSync(file)
    expect((await vm(['exec', '--', 'cat', 'vm/some file'])).exitCode).toBe(1)
    mkdirSync(join(scratch.folder, 'labs', 'x', 'build'), { recursive: true })
    writeFileSync(join(scratch.folder, 'labs', 'x', 'build', 'x.bpf.o'), 'object')
    expect((await vm(['exec', '--', 'cat', 'labs/x/build/x.bpf.o'])).stdout).toBe('object')
  })

  test('Ctrl-C reaches the command, which ends by itself', async () => {
    const script = `trap 'echo cleaned up; exit 3' INT; echo ready; while :; do sleep 0.1; done`
    const child = scratch.startVm(['exec', '--', 'sh', '-c', script], { env })
    let output = ''
    child.stdout?.on('data', (text) => (output += String(text)))
    while (!output.includes('ready')) await once(child.stdout ?? child, 'data')
    child.kill('SIGINT')
    expect((await exitOf(child)).code).toBe(3)
    expect(output).toContain('cleaned up')
  })

  test('what a killed command left running is ended by the next one', async () => {
    const child = scratch.startVm(['exec', '--', 'sleep', '4242'], { env })
    const running = () => spawnSync('pgrep', ['-fx', 'sleep 4242']).status === 0
    while (!running()) await delay(50)
    child.kill('SIGKILL')
    await exitOf(child)
    await vm(['exec', '--', 'true'])
    expect(running()).toBe(false)
  })

  test('another kernel than the computer’s is refused', async () => {
    const { exitCode, stderr } = await vm(['exec', '--', 'true'], { env: { LAB_KERNEL: '5.10' } })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/LAB_KERNEL=5\.10: LAB_VM=compose has one kernel/)
  })

  test('a container of another workspace is left alone, with the command that removes it', async () => {
    await sh('cp /var/lib/ebpf-labs/owner /tmp/owner; echo /elsewhere >/var/lib/ebpf-labs/owner')
    const { exitCode, stderr } = await vm(['exec', '--', 'true'])
    const name = /docker rm --force (\S+)/.exec(stderr)?.[1] ?? ''
    spawnSync('docker', ['exec', name, 'cp', '/tmp/owner', '/var/lib/ebpf-labs/owner'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('belongs to the workspace /elsewhere')
    expect((await vm(['exec', '--', 'true'])).exitCode).toBe(0)
  })

  test('a container that is gone while a command runs is a failure of the machine', async () => {
    const child = scratch.startVm(['exec', '--', 'sh', '-c', 'echo ready; sleep 60'], { env })
    const ended = exitOf(child)
    await once(child.stdout ?? child, 'data')
    let complaint = ''
    child.stderr?.on('data', (text) => (complaint += String(text)))
    expect((await vm(['down'])).stderr).toContain('The machine is down.')
    expect((await ended).code).toBe(125)
    expect(complaint).toContain('the machine failed')
    expect((await vm(['status'])).stdout).toMatch(/^down \(compose/)
  })
})
