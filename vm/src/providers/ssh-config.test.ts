import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sshConfigTransport } from './ssh-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-ssh-'))
const config = join(folder, 'ssh.config')
writeFileSync(config, 'Host some\n  HostName 127.0.0.1\n  Port 1\n  User learner\n')
afterAll(() => rmSync(folder, { recursive: true }))

const hasSudo = spawnSync('sudo', ['-n', 'true']).status === 0

test('there is no way in before there is an ssh configuration', () => {
  expect(sshConfigTransport(join(folder, 'none'), 'some', '/x')).toBeUndefined()
})

test('ssh accepts the settings, and shares one connection', () => {
  const argv = sshConfigTransport(config, 'some', join(folder, 'c'))?.argv('true', false) ?? []
  const [program = '', ...args] = argv
  const { status, stdout } = spawnSync(program, ['-G', ...args], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout).toMatch(/^user learner$/m)
  expect(stdout).toMatch(/^controlmaster auto$/m)
  expect(stdout).toMatch(new RegExp(`^controlpath ${join(folder, 'c')}$`, 'm'))
})

// What sshd does with it: the login shell gets the last word.
test.runIf(hasSudo)('a script arrives as it was, and leads a process group as root', () => {
  const script = `printf '%s|' "it's" '$HOME' "a  b"; id -u; ps -o pgid= -p $$; echo $$; exit 23`
  const argv = sshConfigTransport(config, 'some', '/x')?.argv(script, false) ?? []
  const { status, stdout } = spawnSync('sh', ['-c', argv.at(-1) ?? ''], { encoding: 'utf8' })
  const [said, group, own] = stdout.split('\n').map((line) => line.trim())
  expect(said).toBe("it's|$HOME|a  b|0")
  expect(group).toBe(own)
  expect(status).toBe(23)
})
