import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { UsageError } from '../errors.ts'
import { say, step } from '../host/step.ts'
import { insideMachine } from '../index.ts'
import { cellName, selectCells } from '../matrix/cells.ts'
import type { LabResult } from '../matrix/judge.ts'
import { selectLabs } from '../matrix/labs.ts'
import { endStarted } from '../matrix/machines.ts'
import { asMarkdown, asText, hasFailure, type MatrixReport } from '../matrix/report.ts'
import { logFile, runCell } from '../matrix/run-cell.ts'
import { kernelVersion, programVersions } from '../matrix/versions.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '[--only …] [LAB…]',
  summary: 'run the labs’ tests on every kernel and architecture',
  details: `  --only 5.10,6.1/arm64,amd64   these kernels, architectures or both; otherwise all
  --json                        the results as JSON on stdout instead of the table
  --markdown FILE               write the page "Does the book still hold?"
  --fresh                       run again what ran before with the same inputs
  --keep                        leave the machines running
Without LAB…: every lab that has tests. Exit code: 0 if nothing failed, 1 otherwise. A skipped
test must say in its title what it needs, and does not count as passed.`,
  async run(args) {
    if (insideMachine()) throw new UsageError('matrix: this is a machine. Run it outside.')
    const { values, positionals } = parse(args)
    const cells = selectCells(values.only)
    const labs = selectLabs(positionals)
    const began = new Date()
    const kernels: MatrixReport['kernels'][number][] = []
    const results: LabResult[] = []
    for (const cell of cells) {
      kernels.push(await kernelVersion(cell))
      await using _machines = values.keep ? undefined : await endStarted(cell)
      const found = await step(`Tests on ${cellName(cell)}`, () =>
        runCell(cell, labs, values.fresh),
      )
      results.push(...found)
      if (found.some(({ failed }) => failed.length > 0)) {
        say(`  All that was printed: ${logFile(cell)}`)
      }
    }
    const report: MatrixReport = {
      date: began.toISOString(),
      seconds: Math.round((Date.now() - began.getTime()) / 1000),
      kernels,
      programs: await programVersions(cells),
      results,
    }
    if (values.markdown !== undefined) writeFileSync(values.markdown, asMarkdown(report))
    console.log(values.json ? JSON.stringify(report, null, 2) : asText(report))
    return hasFailure(report) ? 1 : 0
  },
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        json: { type: 'boolean', default: false },
        markdown: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(`matrix: ${error instanceof Error ? error.message : String(error)}`)
  }
}
