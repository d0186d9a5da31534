import { cellName, type Cell } from './cells.ts'
import type { TestOutcome } from './tap.ts'

/** What a lab's tests say on one kernel and architecture. */
export interface LabResult {
  readonly lab: string
  readonly series: string
  readonly arch: string
  readonly passed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string }[]
  readonly failed: readonly { readonly test: string; readonly message: string }[]
  /** Whether nx had the result already, from the same inputs. */
  readonly cached: boolean
}

// Such as "(needs Linux 6.4, this is 5.10.0-46-cloud-amd64)", at the end of a test's title or a suite's.
const reasonInTitle = /\((needs [^()]+, this [^()]+)\)(?= > |$)/
const kernelInReason = /^needs Linux (\d+\.\d+)/

/**
 * Judges a lab's tests. A skip has to give its reason in the title, and must not blame a kernel that is
 * new enough; otherwise it counts as a failure, and so does a lab that ran no test.
 * @param tests undefined if they did not run to their end
 * @param output the last lines of what was printed, which tell why
 */
export function judge(
  lab: string,
  cell: Cell,
  tests: readonly TestOutcome[] | undefined,
  output: readonly string[],
  cached = false,
): LabResult {
  const base = { lab, series: cell.series.series, arch: cell.arch.name, cached }
  if (!tests || tests.length === 0) {
    const end = output.filter((text) => text.trim() !== '').slice(-5)
    const message = end.join('\n') || `nothing was printed on ${cellName(cell)}`
    return { ...base, passed: 0, skipped: [], failed: [{ test: 'its tests did not run', message }] }
  }
  const failed = tests
    .filter(({ status }) => status === 'failed')
    .map(({ name, message }) => ({ test: name, message }))
  // What a failed step of a README leaves out gives no reason, and needs none.
  const broken = new Set(failed.map(({ test }) => suiteOf(test)))
  const skipped: { test: string; reason: string }[] = []
  for (const { name } of tests.filter(({ status }) => status === 'skipped')) {
    const reason = reasonInTitle.exec(name)?.[1]
    if (reason === undefined && broken.has(suiteOf(name))) continue
    const wrong = whyWrong(reason, cell.series.series)
    if (wrong) failed.push({ test: name, message: wrong })
    else skipped.push({ test: name, reason: reason ?? '' })
  }
  const passed = tests.filter(({ status }) => status === 'passed').length
  return { ...base, passed, skipped, failed }
}

/** All of a test's name but its own title. */
const suiteOf = (name: string): string => name.slice(0, name.lastIndexOf(' > '))

/** What is wrong with a skip, if something is. */
function whyWrong(reason: string | undefined, series: string): string | undefined {
  if (reason === undefined) {
    return 'skipped without a reason: its title must end in "(needs …, this is …)"'
  }
  const needed = kernelInReason.exec(reason)?.[1]
  if (needed === undefined || isOlder(series, needed)) return undefined
  return `skipped although Linux ${series} is not older than ${needed}`
}

function isOlder(series: string, than: string): boolean {
  const [major = 0, minor = 0] = series.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number)
  return major < otherMajor || (major === otherMajor && minor < otherMinor)
}
