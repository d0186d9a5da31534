/** Counts how often each process, or each user, calls execve. */
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hello_map } from './build/hello-map.skel.ts'

const options = {
  by: { type: 'string', value: 'WHAT', default: 'pid', help: 'what to count by: pid or uid' },
  entries: { type: 'string', help: 'make room for N entries; 1024 without this' },
} as const

await loader('how often each process or user calls execve', options, async (run) => {
  const { by, entries = '1024' } = run.options
  if (by !== 'pid' && by !== 'uid') throw new UsageError(`--by takes pid or uid, and got '${by}'.`)

  using spec = hello_map.open()
  const counted = by === 'pid' ? 'execs_by_pid' : 'execs_by_uid'
  spec.maps[counted].maxEntries = Number(entries)
  using skel = spec.load()
  using links = skel.attach()

  run.say(`Counting the calls of execve by ${by}, once a second. Ctrl-C stops and detaches.`)
  for (;;) {
    await delay(1000, undefined, { signal: run.signal })
    const rows = [...skel.maps[counted]]
      .toSorted(([, a], [, b]) => Number(b - a))
      .map(([id, times]) => ({
        key: id,
        text: `${by}(${id}) call sys_execve ${times} times`,
        record: { [by]: id, times },
      }))
    const { uncounted } = skel.data.bss
    if (uncounted > 0n) {
      const text = `${uncounted} calls are not counted: the map is full with ${entries} entries`
      rows.push({ key: -1, text, record: { uncounted } })
    }
    run.table(rows)
  }
})
