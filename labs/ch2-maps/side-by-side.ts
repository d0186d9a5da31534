/** Compares a perf buffer and a ring buffer. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { compare } from './compare.ts'

const options = {
  events: { type: 'string', default: '23', help: 'how many events to send while nobody reads' },
} as const

await loader('a perf buffer and a ring buffer side by side', options, (run) => {
  const events = Number(run.options.events)
  if (!Number.isSafeInteger(events) || events < 1)
    throw new UsageError(
      `--events takes a whole number from 1 on, and got '${run.options.events}'.`,
    )
  const { cpus, perf, ring } = compare(events)
  const row = (what: string, of: (side: typeof perf) => string | number) =>
    run.event(
      `${what.padEnd(14)}${String(of(perf)).padStart(14)}${String(of(ring)).padStart(14)}`,
      {
        what,
        perf: of(perf),
        ring: of(ring),
      },
    )
  run.say(`Both buffers have one page of 4 KiB, the perf buffer one for each of ${cpus} CPUs.`)
  row('', (side) => side.name)
  row('sent', (side) => side.sent)
  row('read', (side) => side.order.length)
  row('lost', (side) => side.lost)
  row('wake-ups', (side) => side.wakeups)
  row('in order', (side) => (side.inOrder ? 'yes' : 'no'))
})
