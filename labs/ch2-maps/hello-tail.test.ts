import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_tail } from './build/hello-tail.skel.ts'
import { numberOf, parseNumbers, syscallNumbers } from './syscall-numbers.ts'

const loader = [process.execPath, `${import.meta.dirname}/hello-tail.ts`]
const numbers = syscallNumbers()
const number = (name: string) => numberOf(numbers, name)

/** Makes a timer, asks for what is left of it, deletes it, starts a program, and asks for its parent. */
const timers = [
  '/usr/bin/perl',
  '-e',
  [
    'my $id = pack("i", 0); my $left = "\\0" x 32',
    `syscall(${number('timer_create')}, 0, 0, $id)`,
    '$id = unpack("i", $id)',
    `syscall(${number('timer_gettime')}, $id, $left)`,
    `syscall(${number('timer_delete')}, $id)`,
    'system("/bin/true")', // its child is another process
    `syscall(${number('getppid')})`,
  ].join('; '),
]

const said = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d+ /, ''))

test('each kind of system call ends in the program that stands in its slot', async ({ exec }) => {
  const { stdout } = await exec([...loader, '--', ...timers])
  expect(said(stdout)).toEqual([
    'Executing a program',
    'Creating a timer',
    'Some other timer operation',
    'Deleting a timer',
    `Another syscall: ${number('getppid')}`,
  ])
})

test('all slots are filled before the first system call is seen', async ({ run, exec }) => {
  // For every process: the loader's own calls, to fill the slots and to attach, would be the first.
  const program = await run(loader)
  await program.line('Ctrl-C stops')
  const { pid } = await exec(timers)
  await program.line(new RegExp(`^ *${pid} .*Another syscall: ${number('getppid')}$`))
  const others = program.stdout
    .split('\n')
    .filter((line) => /Another syscall/.test(line) && !line.endsWith(` ${number('getppid')}`))
  expect(others).toEqual([])
  expect(await program.interrupt()).toMatchObject({ code: 0 })
})

test('all threads of the process are seen, none of another process', async ({ trace, exec }) => {
  using lines = trace({ text: `Another syscall: ${number('openat')}` })
  using spec = hello_tail.open()
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  const links = skel.attach() // with all slots empty
  const { pid } = await exec(['/bin/true'])
  await readFile('/etc/hostname') // Node opens it in a thread of its pool
  links[Symbol.dispose]() // or each read of the trace would be a line in it
  const threads = readdirSync('/proc/self/task').map(Number)
  const pids = lines.read().map((line) => line.pid)
  expect(pids.filter((id) => id !== process.pid && threads.includes(id))).not.toEqual([])
  expect(pids).not.toContain(pid)
})

test('a system call that this architecture does not have is named in the error', async ({
  exec,
}) => {
  const { code, stderr } = await exec([
    ...loader,
    '--unnamed',
    'getpid,gettimer',
    '--',
    '/bin/true',
  ])
  expect(stderr).toBe(`error: ${process.arch} has no system call 'gettimer'.\n`)
  expect(code).toBe(2)
})

test('the numbers are those of the machine, and differ between architectures', () => {
  const expected = process.arch === 'arm64' ? [221, 107, 111] : [59, 222, 226]
  expect(['execve', 'timer_create', 'timer_delete'].map(number)).toEqual(expected)
})

test('aliases and marks in the kernel’s list are not taken for calls', () => {
  const list = [
    '#define __NR_execve 221',
    '#define __NR3264_fcntl 25',
    '#define __NR_fcntl __NR3264_fcntl',
    '#define __NR_syscalls 467',
  ]
  expect([...parseNumbers(list.join('\n'))]).toEqual([
    ['execve', 221],
    ['fcntl', 25],
  ])
})
