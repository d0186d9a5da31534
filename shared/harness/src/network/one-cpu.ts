import koffi from 'koffi'
import { call } from './libc.ts'

const libc = koffi.load('libc.so.6')
const sched_getcpu = libc.func('int sched_getcpu()')
const sched_getaffinity = libc.func('int sched_getaffinity(int pid, size_t size, void *mask)')
const sched_setaffinity = libc.func('int sched_setaffinity(int pid, size_t size, const void *mask)')

const MASK = 128 // bytes: 1024 CPUs, glibc's cpu_set_t

/**
 * Keeps this thread on the CPU that it is on, until it is disposed of. What it sends over a virtual cable is processed in the order of
 * sending then: each CPU has its own queue of packets, and one may be served before the other.
 */
export function stayOnCpu(): Disposable {
  const before = Buffer.alloc(MASK)
  call('ask for the CPUs of this thread', () => sched_getaffinity(0, MASK, before))
  const cpu = call('ask for the CPU of this thread', () => sched_getcpu())
  const one = Buffer.alloc(MASK)
  one.writeUInt8(1 << (cpu % 8), cpu >> 3)
  const set = (mask: Buffer) =>
    call('choose the CPUs of this thread', () => sched_setaffinity(0, MASK, mask))
  set(one)
  return { [Symbol.dispose]: () => void set(before) }
}
