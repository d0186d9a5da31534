import { spawnSync } from 'node:child_process'
import { globSync, readdirSync, type Dirent } from 'node:fs'
import { join, relative } from 'node:path'
import { workspace } from '../workspace.ts'

const never = new Set(['node_modules', '.git', '.vm', '.nx', 'coverage'])

/** The workspace's files that the machine is to have, relative to the workspace. */
export function listFiles(): string[] {
  const sources = trackedFiles() ?? walk(workspace)
  const built = globSync('{labs,shared}/*/build', { cwd: workspace }).flatMap((folder) =>
    walk(join(workspace, folder)),
  )
  const wanted = (path: string): boolean => !path.split('/').some((part) => never.has(part))
  return [...new Set([...sources, ...built])].filter(wanted)
}

/** What git tracks or would track, or undefined where there is no git or no repository. */
function trackedFiles(): string[] | undefined {
  const git = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: workspace,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  const files = git.status === 0 ? git.stdout.split('\0').filter(Boolean) : []
  return files.length > 0 ? files : undefined
}

function walk(folder: string): string[] {
  const isWanted = (entry: Dirent): boolean => !never.has(entry.name)
  return readdirSync(folder, { withFileTypes: true })
    .filter(isWanted)
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? walk(path) : [relative(workspace, path)]
    })
}
