import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { exitOf } from '../host/child.ts'
import { spawnGuarded } from '../host/guard.ts'
import { say } from '../host/step.ts'
import { stateFolder, workspace } from '../workspace.ts'
import { cellName, type Cell } from './cells.ts'
import { failedRuns, withRun } from './failed-runs.ts'
import { judge, type LabResult } from './judge.ts'
import { parseTap } from './tap.ts'

/** What nx printed of one task. */
interface Block {
  readonly lab: string
  readonly target: string
  readonly cached: boolean
  readonly lines: string[]
}

const header = /^> nx run ([^\s:]+):(\S+)(.*)$/

/** Where all that is printed while a cell runs is kept. */
export const logFile = (cell: Cell): string =>
  join(stateFolder('matrix'), `${cellName(cell).replace('/', '-')}.log`)

/**
 * Runs the tests of labs on one kernel and architecture, side by side as far as there are machines.
 * @param fresh whether results that nx has are to be made again
 */
export async function runCell(
  cell: Cell,
  labs: readonly string[],
  fresh: boolean,
): Promise<LabResult[]> {
  mkdirSync(stateFolder('matrix'), { recursive: true })
  using log = writer(logFile(cell))
  const bin = join(workspace, 'node_modules', '.bin')
  const reporters = ['--reporter=default', '--reporter=tap-flat']
  const nx = spawnGuarded(
    join(bin, 'nx'),
    ['run-many', '-t', 'test', '-p', labs.join(','), '--outputStyle=static', '--', ...reporters],
    {
      cwd: workspace,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env['PATH']}`,
        LAB_KERNEL: cell.series.series,
        LAB_ARCH: cell.arch.name,
        NO_COLOR: '1',
        ...(fresh && { NX_SKIP_NX_CACHE: 'true' }),
      },
    },
  )
  nx.stderr?.on('data', (chunk) => log.stream.write(chunk))
  const ended = exitOf(nx)
  const results = new Map<string, LabResult>()
  const failures = new Map<string, string[]>()
  const finish = ({ lab, target, cached, lines }: Block): void => {
    if (!labs.includes(lab)) return
    if (target !== 'test') {
      failures.set(lab, lines)
      return
    }
    const result = judge(lab, cell, parseTap(lines), lines, cached)
    results.set(lab, result)
    say(`  ${cellName(cell)} ${lab}: ${summary(result)}`)
  }
  let block: Block = { lab: '', target: '', cached: false, lines: [] }
  for await (const raw of createInterface({ input: nx.stdout! })) {
    log.stream.write(`${raw}\n`)
    const line = stripVTControlCharacters(raw)
    const [, lab, target, rest] = header.exec(line) ?? []
    if (lab === undefined || target === undefined) {
      block.lines.push(line)
      continue
    }
    finish(block)
    block = { lab, target, cached: /cache\b/.test(rest ?? ''), lines: [] }
  }
  finish(block)
  await ended
  const failed = failedRuns(block.lines) // nx's own last words follow those of the last task
  return labs.map((lab) =>
    withRun(results.get(lab) ?? judge(lab, cell, undefined, failures.get(lab) ?? []), failed),
  )
}

function writer(file: string): { stream: WriteStream } & Disposable {
  const stream = createWriteStream(file)
  return { stream, [Symbol.dispose]: () => void stream.end() }
}

function summary({ passed, skipped, failed, cached }: LabResult): string {
  const counts = [
    `${passed} passed`,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
  ]
  return `${counts.join(', ')}${cached ? ' (known already)' : ''}`
}
