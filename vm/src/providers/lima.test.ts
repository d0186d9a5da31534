import { existsSync, readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { isAbsolute, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { oldestLima, parseInstances } from './lima.ts'
import { provisionFiles, vmFolder } from './provision.ts'

interface Provision {
  readonly mode: string
  readonly file?: string
  readonly path?: string
  readonly script?: string
}
interface Template {
  readonly minimumLimaVersion: string
  readonly base: string[]
  readonly mounts: unknown[]
  readonly provision: Provision[]
  readonly probes: { readonly script: string; readonly hint: string }[]
}
const template: Template & Record<string, unknown> = parse(
  readFileSync(join(vmFolder, 'lima.yaml'), 'utf8'),
)

// Lima refuses unknown fields. These are the ones used here, as pkg/limatype/lima_yaml.go has them.
const fields = {
  template: [
    ...['minimumLimaVersion', 'base', 'cpus', 'memory', 'disk', 'mounts', 'containerd', 'ssh'],
    ...['portForwards', 'provision', 'probes'],
  ],
  provision: ['mode', 'script', 'file', 'content', 'overwrite', 'owner', 'path', 'permissions'],
  probe: ['mode', 'description', 'script', 'file', 'hint'],
}

test('the template has no field that Lima does not know', () => {
  expect(fields.template).toEqual(expect.arrayContaining(Object.keys(template)))
  for (const step of template.provision) {
    expect(fields.provision).toEqual(expect.arrayContaining(Object.keys(step)))
  }
  for (const probe of template.probes) {
    expect(fields.probe).toEqual(expect.arrayContaining(Object.keys(probe)))
  }
})

test('the base is Lima’s own, and the oldest Lima that has it is asked for', () => {
  expect(template.base).toEqual(['template:_images/debian-13'])
  expect(template.minimumLimaVersion).toBe(`${oldestLima.join('.')}.0`)
})

test('nothing of the host is in the machine', () => {
  expect(template.mounts).toEqual([])
})

test('every step of the provisioning obeys Lima’s rules for its mode', () => {
  // pkg/limayaml/validate.go: `data` has an absolute path and no script, and only `data` has a path.
  const files = template.provision.filter(({ mode }) => mode === 'data')
  for (const { file, path, script } of files) {
    expect(isAbsolute(path ?? '')).toBe(true)
    expect(existsSync(join(vmFolder, file ?? ''))).toBe(true)
    expect(script).toBeUndefined()
  }
  const scripts = template.provision.filter((step) => !files.includes(step))
  expect(scripts.map((step) => Object.keys(step))).toEqual([['mode', 'script']])
  expect(scripts[0]).toMatchObject({ mode: 'system', script: expect.stringMatching(/^#!/) })
  expect(scripts[0]?.script).not.toContain('LIMA_CIDATA')
  for (const { script } of template.probes) expect(script).toMatch(/^#!/)
})

test('the machine gets every file that it is provisioned from', () => {
  const sent = template.provision.flatMap(({ file }) => file ?? [])
  expect(sent.toSorted()).toEqual(provisionFiles.toSorted())
})

test('no file has what Lima would take for a template of its own', () => {
  for (const file of provisionFiles) {
    expect(readFileSync(join(vmFolder, file), 'utf8')).not.toContain('{{')
  }
})

test('instances are read as limactl lists them', () => {
  const line =
    '{"name":"ebpf-labs-0","status":"Running","dir":"/x","sshConfigFile":"/x/ssh.config"}'
  expect(parseInstances(`${line}\n`)).toMatchObject([{ name: 'ebpf-labs-0', status: 'Running' }])
  expect(parseInstances('')).toEqual([])
})

const hasLima = !spawnSync('limactl', ['--version']).error && process.getuid?.() !== 0
test.runIf(hasLima)('Lima itself accepts the template', () => {
  const { status, stderr } = spawnSync('limactl', ['validate', 'lima.yaml'], {
    cwd: vmFolder,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toMatchObject({ status: 0 })
})
