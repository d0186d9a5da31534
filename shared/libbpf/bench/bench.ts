/** Measures this package against C on the same libbpf: `npm run bench -w shared/libbpf [-- --json]`. */
import { execFileSync } from 'node:child_process'
import { cpus, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BpfError } from '../src/errors/bpf-error.ts'
import { libbpfVersion } from '../src/ffi/libbpf.ts'
import { Baseline } from './baseline.ts'
import { listMeasures } from './measures.ts'
import type { Measure } from './measures.ts'
import { basicObject, benchObject, generateSkeleton } from './objects.ts'
import { table } from './table.ts'
import type { Result } from './table.ts'

/** C and this package take turns, so that both see the same machine; the best of all counts. */
const TURNS = 3

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Only measures whose name contains this. */
    only: { type: 'string', default: '' },
  },
})

function result(measure: Measure, baseline: Baseline): Result {
  const { name, unit, target } = measure
  const better = unit === 'ms' ? Math.min : Math.max
  let here: number | undefined
  let c: number | undefined
  for (let turn = 0; turn < TURNS; turn += 1) {
    if (measure.baseline !== undefined) {
      const rate = baseline.run(measure.baseline)
      c = c === undefined ? rate : better(c, rate)
    }
    const rate = runMeasure(name)
    here = here === undefined ? rate : better(here, rate)
  }
  if (here === undefined) throw new Error('nothing was measured')
  const ratio = c === undefined ? undefined : unit === 'ms' ? c / here : here / c
  return { name, unit, here, c, ratio, target, reached: isReached(unit, target, here, ratio) }
}

/** Runs a measure in a process of its own, as C's are: code compiled for another would slow it down. */
function runMeasure(name: string): number {
  const script = fileURLToPath(new URL('measure.ts', import.meta.url))
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  return Number(
    execFileSync(process.execPath, [script, name], { encoding: 'utf8', stdio: [...stdio] }),
  )
}

function isReached(
  unit: Measure['unit'],
  target: number | undefined,
  here: number,
  ratio: number | undefined,
): boolean | undefined {
  if (target === undefined) return undefined
  return unit === 'ms' ? here <= target : ratio !== undefined && ratio >= target
}

async function main(): Promise<void> {
  using baseline = new Baseline([benchObject(), basicObject()])
  const chosen = listMeasures(await generateSkeleton()).filter(({ name }) =>
    name.includes(options.only),
  )
  const results: Result[] = []
  for (const [i, measure] of chosen.entries()) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\x1b[K${i + 1}/${chosen.length} ${measure.name}`)
    results.push(result(measure, baseline))
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const machine = {
    kernel: release(),
    libbpf: libbpfVersion().text,
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
  }
  if (options.json) {
    console.log(JSON.stringify({ machine, results }, null, 2))
    return
  }
  console.log(`Linux ${machine.kernel}, libbpf ${machine.libbpf}, Node ${machine.node}`)
  console.log(`${machine.cpu}, ${cpus().length} CPUs\n`)
  console.log(table(results))
  console.log('\nratio: how fast it is compared with C; targets stand in for cilium/ebpf')
}

try {
  await main()
} catch (error) {
  // What the user can put right is said without a stack.
  if (!(error instanceof Error)) throw error
  const known = error instanceof BpfError || error.message.includes('nstall')
  console.error(known ? error.message : error)
  process.exitCode = 1
}
