import { chmodSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBundle } from '../lab/bundle.ts'
import { loadersOf } from '../lab/loaders.ts'
import { workspace } from '../lab/place.ts'

interface Target {
  command?: string
  options?: { command?: string; cwd?: string }
}

interface PackageJson {
  name: string
  scripts?: Record<string, string>
  nx?: { name?: string; targets?: Record<string, Target> }
}

interface NxJson {
  targetDefaults?: Record<string, Target>
}

/**
 * Makes a folder with an `npx` and an `npm` for the machine, where the README's commands are executed: `npx nx TARGET PROJECT` runs the
 * very command that nx.json has for it, in the project's folder, without nx around it; `npm run vm -- exec|shell` is the machine
 * itself. See docs/decisions/030-readmes-are-executed.md.
 * @returns the folder, to be put first on PATH
 */
export function makeWorkspaceCommands(root = workspace): string {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-commands-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o755)
  }
  write('npx', npxScript(root))
  write('npm', npmScript(root))
  return folder
}

function npxScript(root: string): string {
  const targets = nxTargets(root)
  const cases = targets.map(
    ({ project, target, cwd, command }) =>
      `  ${quote(`${target} ${project}`)}) cd ${quote(cwd)} && exec ${command} "$@" ;;`,
  )
  return `#!/bin/bash
if [ "$1" != nx ]; then echo "a README can run 'npx nx', and got: npx $*" >&2; exit 2; fi
shift
if [ "$1" = run ]; then shift; set -- "\${1##*:}" "\${1%%:*}" "\${@:2}"; fi
task="$1 $2"
shift 2
if [ "$1" = -- ]; then shift; fi
case "$task $1" in
${targets.flatMap(startedDirectly).join('\n')}
esac
case "$task" in
${cases.join('\n')}
  *) echo "nx has no target and project '$task'" >&2; exit 1 ;;
esac
`
}

/**
 * What `bin/start.ts` would become: without it in between, a loader starts in half the time on an emulated machine. Lists and
 * wrong names still go through it.
 */
function startedDirectly({ project, target, cwd, command }: NxTarget): string[] {
  const words = /^node \S*\/harness\/bin\/start\.ts(?: (\S+))?$/.exec(command)
  if (!words) return []
  const [, fixed] = words
  const node = `cd ${quote(cwd)} && NODE_OPTIONS=${quote(withBundle(cwd))} exec node`
  const all = (file: string) =>
    `  ${quote(`${target} ${project} `)}*) ${node} ${quote(file)} "$@" ;;`
  const loaders = loadersOf(cwd)
  if (fixed !== undefined)
    return loaders.filter(({ name }) => name === fixed).map(({ file }) => all(file))
  return [
    ...loaders.map(
      ({ name, file }) =>
        `  ${quote(`${target} ${project} ${name}`)}) shift; ${node} ${quote(file)} "$@" ;;`,
    ),
    ...loaders.filter(({ main }) => main).map(({ file }) => all(file)),
  ]
}

function npmScript(root: string): string {
  const { scripts = {} }: PackageJson = JSON.parse(read(join(root, 'package.json')))
  const cases = Object.entries(scripts)
    .filter(([name]) => name !== 'vm')
    .map(([name, command]) => `  ${quote(name)}) cd ${quote(root)} && exec ${command} "$@" ;;`)
  return `#!/bin/bash
if [ "$1" = run ]; then shift; fi
script="$1"
shift
if [ "$1" = -- ]; then shift; fi
case "$script" in
  vm) case "$1" in
    exec) shift; if [ "$1" = -- ]; then shift; fi; exec "$@" ;;
    shell) exit 0 ;;
    *) echo "inside the machine there is no 'npm run vm -- $1'" >&2; exit 2 ;;
  esac ;;
${cases.join('\n')}
  *) echo "npm has no script '$script'" >&2; exit 1 ;;
esac
`
}

interface NxTarget {
  project: string
  target: string
  cwd: string
  command: string
}

/** What nx would run for each target of each project: nx.json's defaults under the project's own. */
function nxTargets(root: string): NxTarget[] {
  const { targetDefaults = {} }: NxJson = JSON.parse(read(join(root, 'nx.json')))
  return globSync('{labs/*,shared/*,vm}/package.json', { cwd: root }).flatMap((path) => {
    const { name, nx: own }: PackageJson = JSON.parse(read(join(root, path)))
    const folder = join(root, path, '..')
    return Object.entries(own?.targets ?? {}).flatMap(([target, settings]) => {
      const inherited = targetDefaults[target]
      const command =
        settings.command ??
        settings.options?.command ??
        inherited?.command ??
        inherited?.options?.command
      const cwd = (settings.options?.cwd ?? inherited?.options?.cwd ?? '{workspaceRoot}')
        .replace('{projectRoot}', folder)
        .replace('{workspaceRoot}', root)
      return command === undefined ? [] : [{ project: own?.name ?? name, target, command, cwd }]
    })
  })
}

const read = (path: string) => readFileSync(path, 'utf8')

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
