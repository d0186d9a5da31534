import { execFromThread, execs, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { hello_map } from './build/hello-map.skel.ts'

/** A shell that becomes a new shell again and again: one pid, `times` calls of execve. */
const execveTimes = (times: number): [`/${string}`, ...string[]] => {
  const script = '[ "$1" -le 1 ] || exec /bin/sh -c "$0" "$0" $(($1 - 1))'
  return ['/bin/sh', '-c', script, script, String(times)]
}

/** A user id that nobody else in the machine has. */
const ownUser = { uid: 100_000 + process.pid, gid: 100_000 }

const loader = [process.execPath, `${import.meta.dirname}/hello-map.ts`]

test('a process that calls execve 23 times is counted 23 times under its pid', async ({ exec }) => {
  using spec = hello_map.open()
  using skel = spec.load()
  using links = skel.attach()
  const { pid } = await exec(execveTimes(23))
  expect(skel.maps.execs_by_pid.get(pid)).toBe(23n)
})

test('a call from a second thread counts for its process', async () => {
  using spec = hello_map.open()
  using skel = spec.load()
  using links = skel.attach()
  await execFromThread('/none')
  expect(skel.maps.execs_by_pid.get(process.pid)).toBe(1n)
})

test('23 processes of one user are 23 entries by pid and one total by uid', async () => {
  using spec = hello_map.open()
  using skel = spec.load()
  using links = skel.attach()
  const pids = await execs(23, ['/bin/true'], { user: ownUser })
  expect(pids.map((pid) => skel.maps.execs_by_pid.get(pid))).toEqual(pids.map(() => 1n))
  expect(skel.maps.execs_by_uid.get(ownUser.uid)).toBe(23n)
  expect(skel.data.bss.uncounted).toBe(0n)
})

test('what happens after the program is detached is not counted', async () => {
  using spec = hello_map.open()
  using skel = spec.load()
  skel.attach()[Symbol.dispose]()
  await execs(3, ['/bin/true'], { user: ownUser })
  expect(skel.maps.execs_by_uid.get(ownUser.uid)).toBeUndefined()
})

test('a full map counts no new process, and the program says how many calls it left out', async () => {
  using spec = hello_map.open()
  spec.maps.execs_by_pid.maxEntries = 8
  using skel = spec.load()
  using links = skel.attach()
  const pids = await execs(23)
  const counted = pids.filter((pid) => skel.maps.execs_by_pid.has(pid))
  expect(skel.maps.execs_by_pid.size).toBe(8)
  expect(counted.length).toBeLessThanOrEqual(8)
  expect(Number(skel.data.bss.uncounted)).toBeGreaterThanOrEqual(23 - counted.length)
})

test('the loader prints the totals of each uid as JSON', async ({ run }) => {
  const program = await run([...loader, '--by', 'uid', '--json'])
  await program.line('Ctrl-C stops')
  await execs(5, ['/bin/true'], { user: ownUser })
  const line = await program.line(`{"uid":${ownUser.uid},"times":5}`)
  expect(JSON.parse(line)).toEqual({ uid: ownUser.uid, times: 5 })
  await program.interrupt()
})
