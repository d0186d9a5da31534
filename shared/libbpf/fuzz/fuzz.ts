/** Damages BPF objects and opens, loads and generates from them: `npm run fuzz -- --rounds 100000 --seed 7`. */
import { globSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { compileBpf } from '../test/compile.ts'
import { fuzz } from './run.ts'

const HELP = `Usage: npm run fuzz -w shared/libbpf -- [options] [object…]

Damages valid BPF objects and opens and loads them, as root. Without objects it
takes those of the tests. Node must not die, and every failure be a BpfError.

  --rounds <n>   how many (default: 10000)
  --seed <n>     what the damage depends on (default: 1)
  --from <n>     first round, to repeat a finding with --rounds 1 (default: 0)
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h' },
  },
})

if (values.help) {
  process.stdout.write(HELP)
} else {
  const cwd = new URL('../test/bpf', import.meta.url).pathname
  const objects =
    positionals.length > 0
      ? positionals
      : globSync('*.bpf.c', { cwd })
          .toSorted()
          .map((source) => compileBpf(source))
  const [rounds, seed, from] = [values.rounds, values.seed, values.from].map(Number)
  const report = await fuzz({
    rounds: rounds ?? 0,
    seed: seed ?? 1,
    from: from ?? 0,
    objects,
    onProgress: (at, findings) => {
      process.stderr.write(`round ${at}\n`)
      for (const { round, problem } of findings) {
        console.log(`round ${round} of seed ${seed}: ${problem}\n`)
      }
    },
  })
  console.log(report.counts)
  console.log(
    `${report.findings.length} findings in ${rounds} rounds over ${objects.length} objects`,
  )
  process.exitCode = report.findings.length > 0 ? 1 : 0
}
