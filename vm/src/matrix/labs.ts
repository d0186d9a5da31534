import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../errors.ts'
import { workspace } from '../workspace.ts'

interface Manifest {
  readonly name?: string
  readonly nx?: { readonly name?: string; readonly targets?: Readonly<Record<string, unknown>> }
}

/** The nx projects of these folders that have tests. */
function projects(folders: string): string[] {
  return globSync(`${folders}/package.json`, { cwd: workspace })
    .filter((path) => globSync(`${dirname(path)}/**/*.test.ts`, { cwd: workspace }).length > 0)
    .flatMap((path) => {
      const { nx, name }: Manifest = JSON.parse(readFileSync(join(workspace, path), 'utf8'))
      return nx?.targets && 'test' in nx.targets ? (nx.name ?? name ?? basename(dirname(path))) : []
    })
    .sort()
}

/**
 * The labs to run: those named, or all that have tests.
 * @throws UsageError if one of them does not exist, or has no tests.
 */
export function selectLabs(named: readonly string[]): string[] {
  const labs = projects('labs/*')
  if (named.length === 0) return labs
  const known = [...labs, ...projects('shared/*')]
  const unknown = named.find((name) => !known.includes(name))
  if (unknown === undefined) return [...new Set(named)]
  throw new UsageError(`matrix: no tests of ${unknown}. There are those of: ${known.join(', ')}.`)
}
