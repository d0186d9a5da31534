/** Counts system calls by process, by user or by call. */
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { count_syscalls } from './build/count-syscalls.skel.ts'
import { syscallNumbers } from './syscall-numbers.ts'

const options = {
  by: {
    type: 'string',
    value: 'WHAT',
    default: 'call',
    help: 'what to count by: pid, uid or call',
  },
} as const

await loader('system calls by process, user or call', options, async (run) => {
  const { by } = run.options
  if (by !== 'pid' && by !== 'uid' && by !== 'call')
    throw new UsageError(`--by takes pid, uid or call, and got '${by}'.`)
  const names = new Map([...syscallNumbers()].map(([name, number]) => [number, name]))

  using spec = count_syscalls.open()
  using skel = spec.load()
  const { on_openat, on_write, by_user, by_number } = skel.programs
  using links = new DisposableStack()
  if (by === 'pid') for (const program of [on_openat, on_write]) links.use(program.attach())
  else if (by === 'uid') links.use(by_user.attach())
  else links.use(by_number.attachRawTracepoint('sys_enter'))

  const what = by === 'pid' ? 'openat and write' : 'all system calls'
  run.say(`Counting ${what} by ${by}, once a second. Ctrl-C stops and detaches.`)
  for (;;) {
    await delay(1000, undefined, { signal: run.signal })
    run.table(
      [...skel.maps.calls]
        .toSorted(([, a], [, b]) => Number(b - a))
        .map(([key, times]) => {
          const id = by === 'call' ? (names.get(key) ?? `call ${key}`) : key
          return { key, text: `${String(times).padStart(10)}  ${id}`, record: { [by]: id, times } }
        }),
    )
  }
})
