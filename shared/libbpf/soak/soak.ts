/** Shows that nothing leaks: `npm run soak -w shared/libbpf [-- --rounds 10000 --events 100000000]`. */
import { parseArgs } from 'node:util'
import { importSkeleton } from '../bench/objects.ts'
import { openLoadAttachClose, ringEvents, usage } from './rounds.ts'
import type { Usage } from './rounds.ts'

/** Bytes that the heap may breathe; 10,000 leaks of a page would be 40 MB. */
const SLACK = 24 << 20

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10000' },
    events: { type: 'string', default: '100000000' },
  },
})

/** Prints usage at every tenth, and compares the end with what there was after the first. */
class Gauge {
  readonly #total: number
  #shown = 0
  #start: Usage | undefined
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
    this.#start ??= this.#last
    const { rss, fds } = this.#last
    console.log(`${String(tenths * 10).padStart(4)} %  ${megabytes(rss)} resident, ${fds} fds`)
  }

  /** @throws an Error if memory or descriptors grew */
  finish(): void {
    const { rss = 0, fds = 0 } = this.#start ?? {}
    const last = this.#last ?? { rss: Infinity, fds: Infinity }
    if (last.fds > fds) throw new Error(`${last.fds - fds} file descriptors leaked`)
    if (last.rss > rss + SLACK) throw new Error(`memory grew by ${megabytes(last.rss - rss)}`)
    console.log('flat')
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

async function main(): Promise<void> {
  const skeleton = await importSkeleton()
  const rounds = new Gauge('rounds of open, load, attach, close', Number(values.rounds))
  openLoadAttachClose(Number(values.rounds), (done) => rounds.progress(done))
  rounds.finish()
  const events = new Gauge('ring buffer events', Number(values.events))
  await ringEvents(skeleton, Number(values.events), (done) => events.progress(done))
  events.finish()
}

await main()
