import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibc } from '../ffi/libc.ts'
import { errno } from '../ffi/library.ts'

const setns = bindLibc<(fd: number, kind: number) => number>('int setns(int, int)')

const CLONE_NEWNET = 0x4000_0000 // linux/sched.h
const OWN = '/proc/thread-self/ns/net'

/**
 * Opens the network namespace that this thread is in.
 * @returns a file descriptor, which keeps the namespace alive until it is closed
 */
export const openOwnNetns = (): number => openSync(OWN, 'r')

/**
 * Runs `action` with this thread in another network namespace, and returns to its own: interfaces are found by the names they
 * have there, sockets belong there for good, and processes are born there. `action` must be synchronous.
 * @param netns path, such as `/run/netns/blue` or `/proc/4711/ns/net`, or an open file descriptor
 * @throws {BpfError} if it is no network namespace, or another one than this thread is in and this process is not root
 * @throws {TypeError} if `action` returns a promise: the rest of it would run outside
 */
export function insideNetns<T>(netns: string | { readonly fd: number }, action: () => T): T {
  if (isOwn(netns)) return synchronous(action())
  const home = openOwnNetns()
  try {
    enter(netns)
    try {
      return synchronous(action())
    } finally {
      enter({ fd: home })
    }
  } finally {
    closeSync(home)
  }
}

/** Whether this thread is there already: to go where one is takes CAP_SYS_ADMIN, too. */
function isOwn(netns: string | { readonly fd: number }): boolean {
  try {
    const { dev, ino } = typeof netns === 'string' ? statSync(netns) : fstatSync(netns.fd)
    const own = statSync(OWN)
    return dev === own.dev && ino === own.ino
  } catch {
    return false // entering it says why
  }
}

function enter(netns: string | { readonly fd: number }): void {
  const subject = typeof netns === 'string' ? netns : `fd ${netns.fd}`
  const fd = typeof netns === 'string' ? open(netns) : netns.fd
  try {
    if (setns(fd, CLONE_NEWNET) < 0) throw refused(subject, errno())
  } finally {
    if (typeof netns === 'string') closeSync(fd)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    const hint = 'Look with: ip netns list, lsns -t net'
    throw new BpfError({ operation: OPERATION, subject: path, problem, hint, cause })
  }
}

const OPERATION = 'enter network namespace'

function refused(subject: string, code: number): BpfError {
  const hint = 'It takes root, and the file of a network namespace: ip netns list, lsns -t net'
  return new BpfError({ operation: OPERATION, subject, errno: code, hint })
}

function synchronous<T>(result: T): T {
  if (result instanceof Promise)
    throw new TypeError('insideNetns() takes no async function: the rest of it would run outside')
  return result
}
