import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeWorkspaceCommands } from './workspace-commands.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')))
const write = (path: string, json: unknown) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(json))
}
write('package.json', { name: 'root', scripts: { vm: 'node vm.ts', hello: 'echo root' } })
write('nx.json', {
  targetDefaults: {
    start: { command: `bash -c 'pwd; echo start $*' --`, options: { cwd: '{projectRoot}' } },
  },
})
write('labs/ch4/package.json', {
  name: 'ch4',
  nx: { targets: { start: {}, xray: { command: 'echo xray' }, other: {} } },
})
write('labs/ch5/package.json', {
  name: 'ch5',
  nx: {
    targets: {
      start: {
        command: 'node ../../shared/harness/bin/start.ts',
        options: { cwd: '{projectRoot}' },
      },
      tour: {
        command: 'node ../../shared/harness/bin/start.ts btf-tour',
        options: { cwd: '{projectRoot}' },
      },
    },
  },
})
for (const name of ['hello-core', 'btf-tour']) {
  writeFileSync(join(root, `labs/ch5/${name}.bpf.c`), '')
  writeFileSync(
    join(root, `labs/ch5/${name}.ts`),
    `console.log('${name}', ...process.argv.slice(2))`,
  )
}
write('labs/ch7/package.json', {
  name: 'ch7',
  main: 'types.ts',
  nx: {
    targets: {
      start: {
        command: 'node ../../shared/harness/bin/start.ts',
        options: { cwd: '{projectRoot}' },
      },
    },
  },
})
for (const name of ['execve', 'types']) {
  const file = join(root, `labs/ch7/${name}`)
  writeFileSync(`${file}.bpf.c`, '')
  writeFileSync(`${file}.ts`, `console.log('${name}', ...process.argv.slice(2))`)
}
const commands = makeWorkspaceCommands(root)
afterAll(() => [root, commands].forEach((folder) => rmSync(folder, { recursive: true })))

/** Types a command line; returns its output, or its error. */
function type(line: string): string {
  const env = { ...process.env, PATH: `${commands}:${process.env['PATH']}` }
  try {
    return execFileSync('bash', ['-c', line], { env, cwd: '/', encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return String(error instanceof Error && Reflect.get(error, 'stderr'))
  }
}

test('npx nx runs what nx.json says, in the project’s folder, with the words after --', () => {
  const out = `${root}/labs/ch4\nstart hello-map --count 3\n`
  expect(type('npx nx start ch4 -- hello-map --count 3')).toBe(out)
  expect(type('npx nx run ch4:start -- hello-map --count 3')).toBe(out)
  expect(type(`npx nx start ch4 -- 'two words'`)).toBe(`${root}/labs/ch4\nstart two words\n`)
})

test('a project’s own command comes before the default', () => {
  expect(type('cd /; npx nx xray ch4 -- ls -l')).toBe('xray ls -l\n')
})

test('a loader is started as start.ts would start it', () => {
  expect(type('npx nx start ch5 -- btf-tour --count 3')).toBe('btf-tour --count 3\n')
  expect(type('npx nx start ch5 hello-core')).toBe('hello-core\n')
  expect(type(`npx nx tour ch5 -- 'two words' three`)).toBe('btf-tour two words three\n')
  expect(type('npx nx tour ch5')).toBe('btf-tour\n')
  expect(type('npx nx start ch5 -- hello')).toContain('start.ts') // which this workspace lacks
})

test('the main loader of a lab gets what names no other', () => {
  expect(type('npx nx start ch7')).toBe('types\n')
  expect(type('npx nx start ch7 -- fexit --json')).toBe('types fexit --json\n')
  expect(type('npx nx start ch7 -- types fexit')).toBe('types fexit\n')
  expect(type('npx nx start ch7 -- execve --only fentry')).toBe('execve --only fentry\n')
})

test('npm run works for scripts, and vm is the machine itself', () => {
  expect(type('npm run hello -- a b')).toBe('root a b\n')
  expect(type('npm run vm -- exec -- pwd')).toBe('/\n')
  expect(type('npm run vm -- shell')).toBe('')
  expect(type('npm run vm -- down')).toContain(
    "inside the machine there is no 'npm run vm -- down'",
  )
})

test('what does not exist is refused', () => {
  expect(type('npx nx start ch9')).toContain("nx has no target and project 'start ch9'")
  expect(type('npx nx other ch4')).toContain("nx has no target and project 'other ch4'")
  expect(type('npx cowsay')).toContain("a README can run 'npx nx'")
  expect(type('npm run nothing')).toContain("npm has no script 'nothing'")
})
