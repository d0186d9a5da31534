import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchWorkspace } from '../../test/scratch-workspace.ts'
import { selectArchitecture } from '../arch/select.ts'

test('doctor finds nothing missing here, and says so with 0', async () => {
  await using scratch = scratchWorkspace()
  const { exitCode, stdout } = await scratch.vm(['doctor', '--json'])
  expect(JSON.parse(stdout)).not.toContainEqual(expect.objectContaining({ verdict: 'missing' }))
  expect(exitCode).toBe(0)
})

test('doctor names what is missing and the one command that mends it', async () => {
  await using scratch = scratchWorkspace()
  const bin = mkdtempSync(join(tmpdir(), 'ebpf-labs-bin-'))
  for (const program of ['flock', 'setpriv', 'sh', 'tar', 'git', 'ssh', 'ssh-keygen']) {
    symlinkSync(`/usr/bin/${program}`, join(bin, program))
  }
  const { exitCode, stdout } = await scratch.vm(['doctor', '--json'], { env: { PATH: bin } })
  rmSync(bin, { recursive: true })
  expect(exitCode).toBe(1)
  const missing = JSON.parse(stdout).filter(
    ({ verdict }: { verdict: string }) => verdict === 'missing',
  )
  expect(missing.map(({ what }: { what: string }) => what)).toContain(selectArchitecture().qemu)
  for (const finding of missing) {
    expect(finding.remedy).toMatch(/(apt-get|dnf|pacman) (-S|install) .*\w/)
  }
})
