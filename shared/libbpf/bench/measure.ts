/** One measure of the benchmark, in a process of its own: prints its best round. */
import { measures } from './measures.ts'
import { importSkeleton } from './objects.ts'

// As in baseline.c: rounds are short and many, so that some are not disturbed.
const MIN_ROUNDS = 7
const SECONDS = 1

const [, , name] = process.argv
using owner = new DisposableStack()
const measure = measures(await importSkeleton(), owner).find((one) => one.name === name)
if (!measure) throw new Error(`unknown measure: ${name}`)
let best: number | undefined
const start = performance.now()
for (let round = 0; round < MIN_ROUNDS || performance.now() - start < SECONDS * 1000; round += 1) {
  const rate = await measure.run()
  const better = measure.unit === 'ms' ? Math.min : Math.max
  best = best === undefined ? rate : better(best, rate)
}
console.log(best)
