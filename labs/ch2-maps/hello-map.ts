/** Counts how often each process, or each user, calls execve. */
import { setTimeout as delay } from 'node:timers/promises'
import { type TableRow, UsageError, loader } from '@ebpf-labs/harness/loader'
import { hello_map } from './build/hello-map.skel.ts'

const options = {
  by: { type: 'string', value: 'WHAT', default: 'pid', help: 'what to count by: pid or uid' },
  entries: { type: 'string', default: '1024', help: 'how many there is room for' },
} as const

await loader('how often each process or user calls execve', options, async (run) => {
  const { by, entries } = run.options
  if (by !== 'pid' && by !== 'uid') throw new UsageError(`--by takes pid or uid, and got '${by}'.`)
  if (!/^[1-9]\d*$/.test(entries))
    throw new UsageError(`--entries takes a whole number from 1 on, and got '${entries}'.`)

  using spec = hello_map.open()
  spec.maps.execs_by_pid.maxEntries = Number(entries)
  spec.maps.execs_by_uid.maxEntries = Number(entries)
  using skel = spec.load()
  const counts = by === 'pid' ? skel.maps.execs_by_pid : skel.maps.execs_by_uid
  using links = skel.attach()

  run.say(`Counting the calls of execve by ${by}, once a second. Ctrl-C stops and detaches.`)
  for (;;) {
    await delay(1000, undefined, { signal: run.signal })
    const rows: TableRow[] = [...counts]
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
