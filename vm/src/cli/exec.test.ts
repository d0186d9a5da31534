import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scratchWorkspace, type ScratchWorkspace } from '../../test/scratch-workspace.ts'

let scratch: ScratchWorkspace
const vm: ScratchWorkspace['vm'] = (args, options) => scratch.vm(args, options)

beforeAll(async () => {
  scratch = scratchWorkspace()
  expect(await vm(['exec', '--', 'true'])).toMatchObject({ exitCode: 0, stdout: '' })
})
afterAll(() => scratch[Symbol.asyncDispose]())

test('exit code, stdout and stderr come through apart', async () => {
  const outcome = await vm(['exec', '--', 'sh', '-c', 'echo out; echo err >&2; exit 23'])
  expect(outcome).toEqual({ exitCode: 23, stdout: 'out\n', stderr: 'err\n' })
})

test('a command that exits with 255 is not taken for a machine that failed', async () => {
  const outcome = await vm(['exec', '--', 'sh', '-c', 'exit 255'])
  expect(outcome).toEqual({ exitCode: 255, stdout: '', stderr: '' })
})

test('a command that a signal ends exits with 128 and the number of the signal', async () => {
  expect((await vm(['exec', '--', 'sh', '-c', 'kill -SEGV $$'])).exitCode).toBe(128 + 11)
})

test('a command that does not exist exits with 127 and is named', async () => {
  const { exitCode, stderr } = await vm(['exec', '--', 'no-such-command'])
  expect(exitCode).toBe(127)
  expect(stderr).toContain('no-such-command: not found')
})

test('arguments arrive as they were given', async () => {
  const words = ["it's", '$HOME', 'two  words', 'line\nbreak', '', '*', '"', '\\', 'ünï']
  const { stdout } = await vm(['exec', '--', 'printf', '<%s>', ...words])
  expect(stdout).toBe(words.map((word) => `<${word}>`).join(''))
})

test('what is on stdin reaches the command', async () => {
  const { stdout } = await vm(['exec', '--', 'wc', '-c'], { stdin: 'x'.repeat(1_000_003) })
  expect(stdout.trim()).toBe('1000003')
})

test('a megabyte of output comes through whole', async () => {
  const { stdout } = await vm(['exec', '--', 'sh', '-c', 'head -c 1000003 /dev/zero | tr "\\0" x'])
  expect(stdout).toBe('x'.repeat(1_000_003))
})

test('the command runs as root, in the folder that corresponds, and knows where it is', async () => {
  const cwd = join(scratch.folder, 'vm', 'src')
  const script = 'id -un; pwd; echo $EBPF_LABS_GUEST; node --version'
  const { stdout } = await vm(['exec', '--', 'sh', '-c', script], { cwd })
  expect(stdout.split('\n').slice(0, 3)).toEqual(['root', '/workspace/vm/src', '1'])
  expect(stdout.split('\n')[3]).toBe(process.version)
})

test('outside the workspace, the message names the folder to go to', async () => {
  const { exitCode, stderr } = await vm(['exec', '--', 'true'], { cwd: '/' })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`Change to ${scratch.folder}`)
})

test('the kernel has what labs need: BTF, tracefs, bpffs, cgroup2, BPF LSM', async () => {
  const script = `test -r /sys/kernel/btf/vmlinux && cd /sys && cat kernel/security/lsm && echo &&
    stat -f -c %T kernel/tracing fs/bpf fs/cgroup`
  const { exitCode, stdout } = await vm(['exec', '--', 'sh', '-c', script])
  expect(exitCode).toBe(0)
  const [lsm, tracing, bpf, cgroup] = stdout.split('\n')
  expect(lsm?.split(',')).toContain('bpf')
  expect([tracing, bpf, cgroup]).toEqual(['tracefs', 'bpf_fs', 'cgroup2fs'])
})

test('nothing gets out of the machine: not to this computer, whatever root there sets up', async () => {
  const server = createServer((_request, response) => response.end('reached')).listen(0)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  // QEMU's user network leads from 10.0.2.2 to the host's loopback.
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = own.filter(({ internal, family }) => !internal && family === 'IPv4')
  const targets = ['10.0.2.2', ...outside.map(({ address: ip }) => ip).slice(0, 1)]
  expect(
    await (
      await fetch(`http://${targets.at(-1)?.replace('10.0.2.2', '127.0.0.1')}:${port}`)
    ).text(),
  ).toBe('reached')
  const tries = targets.map((ip) => `curl -s --max-time 3 http://${ip}:${port}; echo $?`)
  const script = `ip route replace default via 10.0.2.2; ${tries.join('; ')}; ip route del default`
  const { stdout } = await vm(['exec', '--', 'sh', '-c', script])
  server.close()
  // 28: the time is over; 7: could not connect.
  expect(stdout).toMatch(/^((28|7)\n)+$/)
  expect(stdout.trim().split('\n')).toHaveLength(targets.length)
})

test('QEMU listens on 127.0.0.1 alone', async () => {
  const [qemu] = (await scratch.processes()).qemu
  const sockets = readdirSync(`/proc/${qemu?.pid}/fd`).flatMap((fd) => {
    const target = readlinkSync(`/proc/${qemu?.pid}/fd/${fd}`)
    return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []
  })
  // proc_pid_net(5): local address, remote address, state (0A listens); the tenth field is the inode.
  const open = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/net/${protocol}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, , , state, , , , , , inode = '']) =>
          sockets.includes(inode) && (state === '0A' || protocol.startsWith('udp')),
      )
      .map(([, local = '']) => `${protocol} ${local.split(':')[0]}`),
  )
  expect(open).toEqual(['tcp 0100007F'])
})

test('what the machine writes to its disks does not reach their files here', async () => {
  const qemu = (await scratch.processes()).qemu[0]
  const files =
    readFileSync(`/proc/${qemu?.pid}/cmdline`, 'utf8').match(/(?<=,file=)[^,\0]+/g) ?? []
  expect(files).toHaveLength(3)
  const begins = () =>
    files.map((file) => execFileSync('head', ['-c', '440', file], { encoding: 'hex' }))
  const before = begins()
  // The first 440 bytes are nobody's: neither the partition table's nor a file system's.
  const script = `for disk in /dev/nvme0n?; do blockdev --setrw $disk; echo scribble | dd of=$disk bs=440 count=1 conv=notrunc,fsync; head -c 8 $disk; done 2>/dev/null`
  const { stdout } = await vm(['exec', '--', 'sh', '-c', script])
  expect(stdout).toBe('scribble'.repeat(3))
  expect(begins()).toEqual(before)
})

test('no folder of this computer is mounted in the machine', async () => {
  const { stdout } = await vm(['exec', '--', 'findmnt', '-rno', 'SOURCE,FSTYPE'])
  const disks = stdout
    .split('\n')
    .filter((line) => / (ext4|9p|virtiofs|nfs4?|cifs|fuse)/.test(line))
  expect(disks.filter((line) => !/^\/dev\/(root|nvme0n\d(p1)?)(\[.*\])? ext4$/.test(line))).toEqual(
    [],
  )
  expect(disks.length).toBeGreaterThanOrEqual(3)
})

test('the next command sees changed, new and deleted files', async () => {
  const file = join(scratch.folder, 'vm', 'sync', 'some file')
  mkdirSync(join(scratch.folder, 'vm', 'sync'))
  const read = () => vm(['exec', '--', 'cat', 'vm/sync/some file'])
  writeFileSync(file, 'one')
  expect((await read()).stdout).toBe('one')
  writeFileSync(file, 'two')
  expect((await read()).stdout).toBe('two')
  rmSync(file)
  expect(await read()).toMatchObject({ exitCode: 1, stdout: '' })
})

test('what the command writes stays in the machine', async () => {
  const before = readFileSync(join(scratch.folder, 'package.json'), 'utf8')
  await vm(['exec', '--', 'sh', '-c', 'echo changed > package.json; echo new > new-file'])
  expect(readFileSync(join(scratch.folder, 'package.json'), 'utf8')).toBe(before)
  expect(existsSync(join(scratch.folder, 'new-file'))).toBe(false)
  expect((await vm(['exec', '--', 'cat', 'new-file'])).stdout).toBe('new\n')
})

test('a package build folder is brought along although git ignores it', async () => {
  mkdirSync(join(scratch.folder, 'shared', 'libbpf', 'build'), { recursive: true })
  writeFileSync(join(scratch.folder, 'shared', 'libbpf', 'build', 'a.bpf.o'), 'object')
  const { stdout } = await vm(['exec', '--', 'cat', 'shared/libbpf/build/a.bpf.o'])
  expect(stdout).toBe('object')
})

test('without a command, and with an unknown one, the message says what there is', async () => {
  expect((await vm(['exec'])).stderr).toContain('exec -- uname -a')
  const { exitCode, stderr } = await vm(['exce'])
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/no command exce\. There is: .*exec/)
})

test('a kernel or architecture that does not exist is refused with those that do', async () => {
  const kernel = await vm(['exec', '--', 'true'], { env: { LAB_KERNEL: '9.9' } })
  expect(kernel).toMatchObject({ exitCode: 2 })
  expect(kernel.stderr).toMatch(/LAB_KERNEL=9\.9: no such kernel\. There is: .*6\.12/)
  const arch = await vm(['exec', '--', 'true'], { env: { LAB_ARCH: 'mips' } })
  expect(arch).toMatchObject({ exitCode: 2 })
  expect(arch.stderr).toMatch(/LAB_ARCH=mips: no such architecture\. There is: amd64/)
})
