import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, owner } from '../process/owner.ts'
import { kill } from '../process/stale-processes.ts'
import { type Holder, bpfHolders, keyOf } from './bpf-objects.ts'
import { type LeftObject, explain } from './explain.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

/** Something that was left behind, and how to remove it. */
export interface Leak {
  what: string
  remove: string
}

/** Something was left behind in the machine. */
export class LeakError extends Error {
  override name = 'LeakError'
  readonly leaks: readonly Leak[]

  constructor(who: string, leaks: readonly Leak[]) {
    const lines = leaks.map(({ what, remove }) => `  ${what}\n    remove it: ${remove}`)
    super(`${who} left behind in the machine:\n${lines.join('\n')}`)
    this.leaks = leaks
  }
}

// The kernel frees programs and links after an RCU grace period and from work queues, namespaces even later.
const GRACE = 3000 // ms

/** What an error was about already: the guard of the file does not repeat what the guard of a test said. */
const blamed = new Set<string>()

/** Notices what appears in the machine after {@link start} and is ours. */
export class LeakGuard {
  #before: Snapshot
  readonly #grace: number

  private constructor(before: Snapshot, grace: number) {
    this.#before = before
    this.#grace = grace
  }

  /** @param grace milliseconds that what was closed has to go */
  static async start(grace = GRACE): Promise<LeakGuard> {
    return new LeakGuard(await takeSnapshot(), grace)
  }

  /** Starts anew from what there is now. */
  async restart(): Promise<void> {
    this.#before = await takeSnapshot()
  }

  /**
   * Waits until nothing of ours that appeared is left. Kills the processes that stay, and leaves the rest in place to be looked at.
   * @param who what to blame: `this test`
   * @throws LeakError
   */
  async check(who: string): Promise<void> {
    const end = performance.now() + this.#grace
    for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
      const after = await takeSnapshot()
      const objects = leftObjects(this.#before, after).filter(
        (object) => !blamed.has(keyOf(object)),
      )
      const others = leftOthers(this.#before, after).filter(({ what }) => !blamed.has(what))
      if (objects.length + others.length === 0) return
      if (performance.now() > end) {
        const leaks = [...(await explain(objects)), ...others]
        for (const pid of appeared(this.#before.processes, after.processes)) kill(pid)
        for (const object of objects) blamed.add(keyOf(object))
        for (const { what } of others) blamed.add(what)
        throw new LeakError(who, leaks)
      }
      await delay(pause)
    }
  }
}

/** Objects are somebody else's when processes hold them and none of these is this one or was started by it. */
function leftObjects(before: Snapshot, after: Snapshot): LeftObject[] {
  const keys = appeared(before.objects, after.objects)
  if (keys.length === 0) return []
  const holders = bpfHolders()
  const isOurs = ({ pid }: Holder) => pid === process.pid || after.processes.has(pid)
  return keys.flatMap((key) => {
    const entry = after.objects.get(key)
    const held = holders.get(key) ?? []
    return entry && (held.length === 0 || held.some(isOurs)) ? [{ ...entry, holders: held }] : []
  })
}

function leftOthers(before: Snapshot, after: Snapshot): Leak[] {
  const ours = (name: string) => !isOfAnotherTest(name)
  return [
    ...appeared(before.pins, after.pins)
      .filter(ours)
      .map((path) => ({ what: `pin ${path}`, remove: `rm ${path}` })),
    ...appeared(before.namespaces, after.namespaces)
      .filter(ours)
      .map((name) => ({ what: `network namespace ${name}`, remove: `ip netns del ${name}` })),
    ...appeared(before.interfaces, after.interfaces).map((name) => ({
      what: `network interface ${name}`,
      remove: `ip link del ${name}`,
    })),
    ...appeared(before.processes, after.processes).map((pid) => ({
      what: `process ${pid}: ${after.processes.get(pid)?.command}`,
      remove: 'end it in the test; it was killed now',
    })),
  ]
}

type Keys<T> = Pick<ReadonlySetLike<T>, 'has' | 'keys' | 'size'>

function appeared<T>(before: Keys<T>, after: Keys<T>): T[] {
  return [...new Set(iterate(after)).difference(before)]
}

function* iterate<T>(keys: Keys<T>): Generator<T> {
  const iterator = keys.keys()
  for (let step = iterator.next(); !step.done; step = iterator.next()) yield step.value
}

/** Names that carry the tag of another test process, which runs at the same time, are its own affair. */
function isOfAnotherTest(name: string): boolean {
  const tag = /labs-(\d+-\d+)-/.exec(name)?.[1]
  return tag !== undefined && tag !== owner && isAlive(tag)
}
