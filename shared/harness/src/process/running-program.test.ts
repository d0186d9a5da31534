import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { test } from '../test.ts'
import { waitUntil } from './deadline.ts'
import { RunningProgram } from './running-program.ts'
import { secondUser } from './users.ts'

const script = (text: string) => ['sh', '-c', text]

test('a program’s pid, exit code and both outputs are known', async ({ exec }) => {
  const { pid, code, stdout, stderr } = await exec(script('echo $$; echo oops >&2; exit 3'))
  expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: `${pid}\n`, stderr: 'oops\n' })
})

test('a line is waited for on either output', async ({ run }) => {
  const program = await run(script('echo one; echo two >&2; sleep 60'))
  expect(await program.line(/^t/)).toBe('two')
  expect(await program.line('on')).toBe('one')
})

test('a last line without a newline is a line, too', async ({ run }) => {
  const program = await run(script('printf "no newline"'))
  expect(await program.line('no newline')).toBe('no newline')
})

test('several lines of one kind are waited for', async ({ run }) => {
  const program = await run(
    script('for n in 1 2 3 4 5; do echo tick $n; echo noise; done; sleep 60'),
  )
  expect(await program.lines(3, 'tick')).toEqual(['tick 1', 'tick 2', 'tick 3'])
})

test('a line that does not come in time ends in an error that shows what came', async ({ run }) => {
  const program = await run(script('echo something; echo wrong >&2; sleep 60'))
  await program.line('wrong')
  await expect(program.line('hello', 50)).rejects.toThrow(
    /waited 0.05 s for a line with 'hello'[^]*\| something\n {2}! wrong/,
  )
})

test('a program that ends before the line came is reported at once', async ({ run }) => {
  const program = await run(script('echo failed >&2; exit 7'))
  await expect(program.line('hello')).rejects.toThrow(/ended \(exit code 7\)[^]*! failed/)
})

test('Ctrl-C reaches the whole group, and the program’s last words come through', async ({
  run,
}) => {
  const program = await run(script('trap "echo stopped; exit 0" INT; echo ready; sleep 60 & wait'))
  await program.line('ready')
  expect(await program.interrupt()).toMatchObject({
    code: 0,
    signal: null,
    stdout: 'ready\nstopped\n',
  })
})

test('a program that Ctrl-C kills ends by that signal', async ({ run }) => {
  const program = await run(['sleep', '60'])
  expect(await program.interrupt()).toMatchObject({ code: null, signal: 'SIGINT' })
})

test('a program that does not end in time is killed, and what it wrote is shown', async ({
  run,
}) => {
  const program = await run(script('trap "" INT; echo stubborn; while :; do sleep 60; done'))
  await program.line('stubborn')
  await expect(program.interrupt(50)).rejects.toThrow(
    /waited 0.05 s for 'sh -c .*' to end[^]*stubborn/,
  )
  expect(existsSync(`/proc/${program.pid}`)).toBe(false)
})

test('at the end all of its process group is killed', async () => {
  let child: string
  {
    await using program = await RunningProgram.start(script('sleep 60 & echo $!; wait'))
    child = await program.line(/^\d+$/)
    expect(existsSync(`/proc/${child}`)).toBe(true)
  }
  // A zombie, until pid 1 reaps it, has no command line.
  await waitUntil('the child to end', () => {
    return !existsSync(`/proc/${child}`) || readFileSync(`/proc/${child}/cmdline`, 'utf8') === ''
  })
})

test('input, environment and folder are passed on', async ({ exec }) => {
  const { stdout } = await exec(script('cat; echo $WORD; pwd'), {
    input: 'typed\n',
    env: { WORD: 'set' },
    cwd: '/proc',
  })
  expect(stdout).toBe('typed\nset\n/proc\n')
})

test('a program can run as another user, who has no capabilities', async ({ exec }) => {
  const { stdout } = await exec(script('id -u; id -g; id -G; grep CapEff /proc/self/status'), {
    user: secondUser,
    cwd: '/',
  })
  expect(stdout).toBe('1000\n1000\n1000\nCapEff:\t0000000000000000\n')
})

test('a command that does not exist is named', async ({ run }) => {
  await expect(run(['no-such-command', 'x'])).rejects.toThrow(
    /cannot start 'no-such-command x'.*ENOENT/,
  )
})

test('execs() returns one pid per exec', async ({ execs }) => {
  const pids = await execs(23)
  expect(new Set(pids).size).toBe(23)
  await expect(execs(1, ['/bin/false'])).rejects.toThrow('exit code 1')
})
