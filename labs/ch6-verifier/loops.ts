/** Runs three loops that the verifier accepts, and shows how much of each it walked through. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { loops } from './build/loops.skel.ts'

const all = ['bounded_loop', 'helper_loop', 'iterator_loop'] as const
type Loop = (typeof all)[number]

const options = {
  rounds: { type: 'string', help: 'how often each goes round' },
  log: { type: 'boolean', help: 'print the verifier’s log instead' },
} as const

await loader('loops that the verifier accepts', options, (run) => {
  const names = run.words.length > 0 ? run.words.map(loopOf) : all
  const rounds = run.options.rounds === undefined ? undefined : roundsOf(run.options.rounds)
  const table = !run.json && !run.options.log
  if (table) run.say('LOOP            ROUNDS           SUM  THE VERIFIER WALKED THROUGH')
  for (const name of names) {
    const result = runLoop(name, rounds, run.options.log ? 2 : 4)
    if (run.options.log) {
      console.log(result.log)
      continue
    }
    const numbers = `${String(result.rounds).padStart(8)}  ${String(result.sum).padStart(12)}`
    run.event(`${name.padEnd(13)} ${numbers}  ${result.walked} instructions`, {
      ...{ loop: name, rounds: result.rounds, sum: result.sum, walked: result.walked },
    })
  }
})

/**
 * Loads one loop, and runs it once on an empty packet.
 * @param logLevel of the verifier: 2 is all that it does, 4 only what it cost
 * @throws BpfError where the kernel is too old for the loop, or the verifier refuses it
 */
function runLoop(name: Loop, wanted: number | undefined, logLevel: number) {
  using spec = loops.open({ logLevel })
  spec.programs[name].autoload = true
  if (wanted !== undefined) spec.data.rodata.bound = spec.data.data.rounds = wanted
  using skel = spec.load()
  skel.programs[name].testRun({ data: new Uint8Array(64) })
  const { rodata, data, bss } = skel.data
  const log = skel.logs.get(name) ?? ''
  return {
    log,
    walked: Number(/^processed (\d+) insns/m.exec(log)?.[1]),
    rounds: name === 'bounded_loop' ? rodata.bound : data.rounds,
    sum: bss.sum,
  }
}

/** @throws UsageError that lists what there is */
function loopOf(word: string): Loop {
  const name = all.find((known) => known === word.replaceAll('-', '_'))
  if (!name) throw new UsageError(`There is no loop '${word}'. There are: ${all.join(', ')}.`)
  return name
}

/** @throws UsageError beyond BPF_MAX_LOOPS, what bpf_loop() does at most */
function roundsOf(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 0 && rounds <= 1 << 23) return rounds
  throw new UsageError(`--rounds takes a whole number up to ${1 << 23}, and got '${text}'.`)
}
