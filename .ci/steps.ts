/**
 * What CI does after `npm ci && npm test`: every test on the other architecture, the labs on the oldest and the newest kernel, and
 * what else must hold. Takes that command's exit code, and the file with what it printed.
 */
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { $, log, type ProcessOutput, type ProcessPromise } from 'zx'
import { asText, type MatrixReport } from '../vm/src/matrix/report.ts'

const total = { passed: 0, failed: 0, skipped: 0 }
/** What failed, as it was printed where it failed: thousands of lines may follow there, and a log may keep its end only. */
const failures: string[] = []

$.verbose = true // the commands, and all that they print, on stderr
$.nothrow = true
const onlyEnds = ['--only', '5.10/amd64,7.2/amd64']

const [status, logFile = ''] = process.argv.slice(2)
const firstRun = countTests({ stdout: readFileSync(logFile, 'utf8') })
judge('npm ci && npm test', firstRun === 0 || status !== '0')
await step($`npm run check`)
await step($`npm start -- --count 3`)
await step($`npm run vm -- down`)
await step($`LAB_ARCH=arm64 npm test`, countTests)
await step($`npm run vm -- down`)
const withoutReport = $({ log: (entry) => entry.kind === 'stdout' || log(entry) })
await step(withoutReport`npm run --silent vm -- matrix --fresh --json ${onlyEnds}`, countReport)

console.log(`\n${failures.join('\n\n')}`)
console.log(`\n${total.skipped} skipped`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/**
 * Waits for a command. One that fails counts as a failure, and so does one without a test where tests are to be counted.
 * @param count adds its tests to the total, and returns how many passed
 */
async function step(
  command: ProcessPromise,
  count?: (output: ProcessOutput) => number,
): Promise<void> {
  const output = await command
  const lacking = count !== undefined && count(output) === 0
  const failed = output.exitCode !== 0 || lacking
  const seconds = Math.round(output.duration / 1000)
  console.log(`\n== ${failed ? 'FAILED' : 'ok'}, ${seconds} s: ${command.cmd}\n`)
  judge(command.cmd, failed)
}

function judge(command: string, failed: boolean): void {
  if (!failed) return
  total.failed++
  failures.push(`== FAILED: ${command}`)
}

/** Reads what vitest printed: what failed, and summaries such as `      Tests  1 failed | 22 passed | 2 skipped (25)`. */
function countTests({ stdout }: Pick<ProcessOutput, 'stdout'>): number {
  const text = stripVTControlCharacters(stdout)
  failures.push(...(text.match(/^ FAIL [^]*?⎯\[\d+\/\d+\]⎯$|^Failed tasks:\n(\n?- .*)+/gm) ?? []))
  let passed = 0
  for (const [, summary] of text.matchAll(/^ *Tests +(\d.*)/gm)) {
    for (const [, number, kind] of summary.matchAll(/(\d+) (passed|failed|skipped)/g)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one of the three, says the pattern
      total[kind as keyof typeof total] += Number(number)
      if (kind === 'passed') passed += Number(number)
    }
  }
  return passed
}

/** Reads the matrix's report, and shows it as its table. */
function countReport({ stdout }: ProcessOutput): number {
  if (stdout.trim() === '') return 0 // it could not begin, and said why
  const report: MatrixReport = JSON.parse(stdout)
  console.log(asText(report))
  let passed = 0
  for (const result of report.results) {
    passed += result.passed
    total.skipped += result.skipped.length
    total.failed += result.failed.length
  }
  total.passed += passed
  return passed
}
