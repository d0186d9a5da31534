/** Shows that nothing leaks: `npm run soak -w shared/libbpf [-- --rounds 10000 --events 100000000]`. */
import { parseArgs } from 'node:util'
import { generateSkeleton } from '../bench/objects.ts'
import { openLoadAttachClose, ringEvents, usage } from './rounds.ts'
import type { Usage } from './rounds.ts'

/** Bytes of resident memory that allocators may breathe; 5,000 leaks of a page would be 20 MB. */
const RSS_SLACK = 16e6
/** Bytes of JavaScript's heap, after garbage collection. */
const HEAP_SLACK = 3e6

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10000' },
    events: { type: 'string', default: '100000000' },
  },
})

/** Prints usage at every tenth, and compares the end with the middle: until then code gets compiled and arenas grow. */
class Gauge {
  readonly #total: number
  #shown = 0
  #middle: Usage | undefined
  #last: Usage | undefined

  constructor(what: string, total: number) {
    this.#total = total
    console.log(`\n${total.toLocaleString('en')} ${what}`)
  }

  progress(done: number): void {
    const tenths = Math.floor((done * 10) / this.#total)
    if (tenths === this.#shown) return
    this.#shown = tenths
    this.#last = usage()
    if (tenths <= 5) this.#middle = this.#last
    const { rss, heap, fds } = this.#last
    const memory = `${megabytes(rss)} resident, ${megabytes(heap)} heap`
    console.log(`${String(tenths * 10).padStart(4)} %  ${memory}, ${fds} fds`)
  }

  /** @throws an Error if memory or descriptors grew */
  finish(): void {
    if (!this.#middle || !this.#last) throw new Error('too few rounds to tell')
    const { rss, heap, fds } = this.#last
    const grown = { rss: rss - this.#middle.rss, heap: heap - this.#middle.heap }
    if (fds > this.#middle.fds) throw new Error(`${fds - this.#middle.fds} descriptors leaked`)
    if (grown.rss > RSS_SLACK) throw new Error(`memory grew by ${megabytes(grown.rss)}`)
    if (grown.heap > HEAP_SLACK) throw new Error(`the heap grew by ${megabytes(grown.heap)}`)
    console.log('flat')
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

async function main(): Promise<void> {
  const skeleton = await generateSkeleton()
  const rounds = new Gauge('rounds of open, load, attach, close', Number(values.rounds))
  await openLoadAttachClose(Number(values.rounds), (done) => rounds.progress(done))
  rounds.finish()
  const events = new Gauge('ring buffer events', Number(values.events))
  await ringEvents(skeleton, Number(values.events), (done) => events.progress(done))
  events.finish()
}

await main()
