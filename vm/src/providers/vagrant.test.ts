import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { provisionFiles, vmFolder } from './provision.ts'

const hasVagrant = !spawnSync('vagrant', ['--version']).error

test.runIf(hasVagrant)('Vagrant accepts the Vagrantfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-vagrant-'))
  const { status, stdout, stderr } = spawnSync('vagrant', ['validate', '--ignore-provider'], {
    cwd: vmFolder,
    encoding: 'utf8',
    env: { ...process.env, VAGRANT_DOTFILE_PATH: folder },
  })
  rmSync(folder, { recursive: true })
  expect({ status, stdout, stderr }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('validated successfully'),
  })
})

test('the machine gets every file that it is provisioned from', () => {
  const text = readFileSync(join(vmFolder, 'Vagrantfile'), 'utf8')
  const files = /%w\[([^\]]+)\]/.exec(text)?.[1]?.trim().split(/\s+/)
  expect(files?.toSorted()).toEqual(provisionFiles.toSorted())
})
