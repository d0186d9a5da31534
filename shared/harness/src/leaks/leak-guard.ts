import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cgroupRoot } from '../cgroup.ts'
import { isAlive, owner } from '../process/owner.ts'
import { type TestProcess, kill } from '../process/stale-processes.ts'
import { explain } from './explain.ts'
import { type LeftObject, describeObjects } from './left-objects.ts'
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
const GRACE = 15_000 // ms; software emulation is slow, and whoever leaves nothing does not wait for it

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
  static start(grace = GRACE): LeakGuard {
    return new LeakGuard(takeSnapshot(), grace)
  }

  /** Starts anew from what there is now. */
  restart(): void {
    this.#before = takeSnapshot()
  }

  /**
   * Waits until nothing of ours that appeared is left. Kills the processes that stay, and leaves the rest in place to be looked at.
   * @param who what to blame: `this test`
   * @throws LeakError
   */
  async check(who: string): Promise<void> {
    const end = performance.now() + this.#grace
    // Only what is there now: others may run in the machine, and make things while we wait.
    let rest = appeared(this.#before, takeSnapshot())
    for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
      const described = describeObjects(rest.objects)
      const objects = ours(described ?? [], rest.processes)
      const others = leftOthers(rest)
      if (described && objects.length + others.length === 0) return
      if (described && performance.now() > end) {
        const leaks = [...(await explain(objects)), ...others]
        for (const { pid } of rest.processes) kill(pid)
        for (const object of objects) blamed.add(keyOf(object))
        for (const { what } of others) blamed.add(what)
        throw new LeakError(who, leaks)
      }
      await delay(pause)
      const now = takeSnapshot()
      // Processes carry our tag, and may have given birth meanwhile.
      rest = { ...stillThere(rest, now), processes: appeared(this.#before, now).processes }
    }
  }
}

/** What appeared, of each kind. */
interface Appeared {
  objects: string[]
  pins: string[]
  namespaces: string[]
  cgroups: string[]
  interfaces: string[]
  processes: TestProcess[]
}

function appeared(before: Snapshot, after: Snapshot): Appeared {
  return {
    objects: [...after.objects.difference(before.objects)].filter((key) => !blamed.has(key)),
    pins: [...after.pins.difference(before.pins)],
    namespaces: [...after.namespaces.difference(before.namespaces)],
    cgroups: [...after.cgroups.difference(before.cgroups)],
    interfaces: [...after.interfaces.difference(before.interfaces)],
    processes: [...after.processes.values()].filter(({ pid }) => !before.processes.has(pid)),
  }
}

function stillThere(some: Appeared, now: Snapshot): Omit<Appeared, 'processes'> {
  return {
    objects: some.objects.filter((key) => now.objects.has(key)),
    pins: some.pins.filter((path) => now.pins.has(path)),
    namespaces: some.namespaces.filter((name) => now.namespaces.has(name)),
    cgroups: some.cgroups.filter((name) => now.cgroups.has(name)),
    interfaces: some.interfaces.filter((name) => now.interfaces.has(name)),
  }
}

/** Objects are somebody else's when processes hold them and none of these is this one or was started by it. */
function ours(objects: readonly LeftObject[], processes: readonly TestProcess[]): LeftObject[] {
  const own = new Set([process.pid, ...processes.map(({ pid }) => pid)])
  return objects.filter(
    ({ pinned, owners }) =>
      owners.some(({ pid }) => own.has(pid)) ||
      (owners.length === 0 && !pinned.some(isOfAnotherTest)),
  )
}

const keyOf = ({ kind, id }: LeftObject) => `${kind} ${id}`

function leftOthers(rest: Appeared): Leak[] {
  const { pins, namespaces, cgroups, interfaces, processes } = rest
  const isOurs = (name: string) => !isOfAnotherTest(name)
  const leaks = [
    ...pins.filter(isOurs).map((path) => ({ what: `pin ${path}`, remove: `rm ${path}` })),
    ...namespaces
      .filter(isOurs)
      .map((name) => ({ what: `network namespace ${name}`, remove: `ip netns del ${name}` })),
    ...cgroups
      .filter(isOurs)
      .map((name) => ({ what: `cgroup ${name}`, remove: `rmdir ${join(cgroupRoot(), name)}` })),
    ...interfaces.map((name) => ({
      what: `network interface ${name}`,
      remove: `ip link del ${name}`,
    })),
    ...processes.map(({ pid, command }) => ({
      what: `process ${pid}: ${command}`,
      remove: 'end it in the test; it was killed now',
    })),
  ]
  return leaks.filter(({ what }) => !blamed.has(what))
}

/** Names that carry the tag of another test process, which runs at the same time, are its own affair. */
function isOfAnotherTest(name: string): boolean {
  const tag = /labs-(\d+-\d+)-/.exec(name)?.[1]
  return tag !== undefined && tag !== owner && isAlive(tag)
}
