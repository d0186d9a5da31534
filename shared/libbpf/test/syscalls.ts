/** System calls that this process makes on purpose, as events for the tests to count. */
import { bindLibc } from '../src/ffi/libc.ts'

const getpgidOf = bindLibc<(pid: number) => number>('int getpgid(int pid)')

/** Calls getpgid(2) this many times; nothing else in a test process does. */
export function getpgid(times: number, pid = 0): void {
  for (let i = 0; i < times; i++) getpgidOf(pid)
}
