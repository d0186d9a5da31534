import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a run found. */
export interface Report {
  /** Rounds by how far the object came. */
  readonly counts: Record<string, number>
  readonly findings: readonly Finding[]
}

/** A round in which the process died, or something other than a BpfError was thrown. */
export interface Finding {
  readonly round: number
  readonly problem: string
}

export interface RunOptions {
  readonly seed: number
  readonly from?: number
  readonly rounds: number
  /** Paths of the objects to damage. */
  readonly objects: readonly string[]
  /** Called now and then with the number of the round. */
  readonly onProgress?: (round: number, newFindings: readonly Finding[]) => void
}

/** Damages objects for a number of rounds; a child that dies is a finding, and the next one goes on. */
export async function fuzz(options: RunOptions): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'bpf-fuzz-'))
  const report = { counts: {} as Record<string, number>, findings: [] as Finding[] }
  const first = options.from ?? 0
  try {
    let from = first
    while (from < first + options.rounds) {
      const known = report.findings.length
      from = await runChild({ ...options, from }, first + options.rounds, folder, report)
      options.onProgress?.(from, report.findings.slice(known))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return report
}

/** Rounds of one child: enough to hide its start, few enough to show progress. */
const CHUNK = 2000

async function runChild(
  { seed, from, objects }: RunOptions & { from: number },
  end: number,
  folder: string,
  report: { counts: Record<string, number>; findings: Finding[] },
): Promise<number> {
  const progress = join(folder, 'round')
  const script = fileURLToPath(new URL('./child.ts', import.meta.url))
  const to = Math.min(end, from + CHUNK)
  const args = [script, seed, from, to, progress, ...objects].map(String)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exit = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `status ${code}`))
  })
  for await (const line of createInterface({ input: child.stdout })) addLine(report, line)
  const status = await exit
  if (status === 'status 0') return to
  const round = Number(readFileSync(progress, 'utf8'))
  report.findings.push({
    round,
    problem: `the process ended with ${status}\n${errors.slice(-2000)}`,
  })
  return round + 1
}

function addLine(
  report: { counts: Record<string, number>; findings: Finding[] },
  line: string,
): void {
  const message: unknown = JSON.parse(line)
  if (typeof message !== 'object' || message === null) return
  if ('counts' in message && typeof message.counts === 'object' && message.counts !== null) {
    for (const [name, count] of Object.entries(message.counts)) {
      report.counts[name] = (report.counts[name] ?? 0) + Number(count)
    }
  } else if ('round' in message && 'stack' in message) {
    report.findings.push({ round: Number(message.round), problem: String(message.stack) })
  }
}
