/** Shows one execve in six ways, in the order in which they fire, with what each can reach and what it costs. */
import { spawnSync } from 'node:child_process'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { nearest } from '@ebpf-labs/harness/nearest'
import { type ProgramInfo, enableStats, probeAttachKind } from '@ebpf-labs/libbpf'
import { execve } from './build/execve.skel.ts'

/** The ways, numbered as in execve.bpf.c, and what each can reach. */
const reach = {
  tracepoint: 'the address of the path in the process, from a record made for it',
  ksyscall: 'the address of the path in the process, from the saved registers',
  kprobe: 'struct linux_binprm, by a register; copied piece by piece',
  fentry: 'struct linux_binprm, by its type; read like any other',
  raw_tracepoint: 'task, old pid and linux_binprm, as three numbers; copied',
  btf_tracepoint: 'task, old pid and linux_binprm, by their types; read like any other',
} as const
type Way = keyof typeof reach
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys() forgets the type
const ways = Object.keys(reach) as Way[]

const options = {
  only: { type: 'string', value: 'WAY', help: 'load and attach just one of the six' },
  times: { type: 'string', default: '7', help: 'how many execs; the cost is their median' },
} as const

await loader('one execve, seen six ways', options, (run) => {
  const { only } = run.options
  const times = countOf(run.options.times)
  const wanted = ways.filter((way) => only === undefined || way === only)
  if (wanted.length === 0) throw noSuchWay(only ?? '')
  const fentry = probeAttachKind('fentry')
  const loaded = wanted.filter((way) => way !== 'fentry' || fentry.supported)

  using spec = execve.open()
  spec.data.rodata.only_parent = process.pid
  for (const way of ways) spec.programs[way].autoload = loaded.includes(way)
  using skel = spec.load()
  using links = skel.attach()
  using sights = skel.maps.sights.open({ dropped: () => skel.data.bss.lost })
  using stats = enableStats()

  const costs = new Map(loaded.map((way): [Way, number[]] => [way, []]))
  for (let n = 0; n < times; n++) {
    sights.read() // those of the exec before
    const before = loaded.map((way) => skel.programs[way].info())
    spawnSync('/bin/true')
    for (const [i, way] of loaded.entries())
      costs.get(way)?.push(...averageCost(before[i], skel.programs[way].info()))
  }

  run.say(`The last of ${times} × execve("/bin/true"), in the order in which they fired:\n`)
  run.say('      AFTER         COST  WAY             COMM             PATH')
  let first: bigint | undefined
  for (const { time, way, pid, comm, path } of sights.read()) {
    const name = ways[way] ?? fail(way)
    const after = Number(time - (first ??= time))
    const cost = median(costs.get(name) ?? [])
    const numbers = `${(after / 1000).toFixed(0).padStart(8)} µs ${String(cost).padStart(9)} ns`
    const line = `${numbers}  ${name.padEnd(14)}  ${comm.padEnd(15)}  ${path}`
    const record = { way: name, after, cost, pid, comm, path, reach: reach[name] }
    run.event(`${line}\n${' '.repeat(8)}${reach[name]}`, record)
  }
  if (loaded.length < wanted.length)
    run.event(`  not here: fentry needs ${fentry.needs}`, {
      way: 'fentry',
      here: false,
      needs: fentry.needs,
    })
})

/** Nanoseconds that the program itself took for one event, by the kernel's run-time statistics; none if it did not run. */
function averageCost(before: ProgramInfo | undefined, now: ProgramInfo): number[] {
  const runs = now.runCount - (before?.runCount ?? 0n)
  return runs === 0n ? [] : [Number((now.runTime - (before?.runTime ?? 0n)) / runs)]
}

/** One in the middle: the first times are longer, because memory is touched that nobody had touched yet. */
function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 1) return count
  throw new UsageError(`--times takes a whole number from 1 on, and got '${text}'.`)
}

function noSuchWay(word: string): UsageError {
  const meant = nearest(word, ways)
  const hint = meant === undefined ? '' : ` Did you mean '${meant}'?`
  return new UsageError(`there is no way '${word}': expected one of ${ways.join(', ')}.${hint}`)
}

function fail(way: number): never {
  throw new Error(`execve.bpf.c reported way ${way}, and execve.ts knows none of that number`)
}
