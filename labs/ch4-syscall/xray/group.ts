import type { TimelineEntry } from '@ebpf-labs/harness/timeline'

/** Calls that are shown together. */
export interface Group {
  /** `probes`: calls that only try something, in one line. `calls`: each has a paragraph. */
  kind: 'probes' | 'calls'
  entries: TimelineEntry[]
  /** How often these calls come one after the other; the first time is shown. */
  times: number
}

/** A list of objects is read with four calls each: the longest pattern that is looked for. */
const LONGEST = 6
/** What comes less often is shown each time. */
const OFTEN = 3

/**
 * Divides a timeline into what is shown at once: runs of probes, and patterns of calls that repeat.
 * @param options show probes, or repeated calls, one by one
 */
export function group(
  entries: readonly TimelineEntry[],
  options: { probes: boolean; all: boolean },
): Group[] {
  const groups: Group[] = []
  for (let at = 0; at < entries.length;) {
    const probes = options.probes ? 0 : run(entries, at)
    const [length, times] = probes > 0 ? [probes, 1] : options.all ? [1, 1] : pattern(entries, at)
    const kind = probes > 0 ? 'probes' : 'calls'
    groups.push({ kind, entries: entries.slice(at, at + length), times })
    at += length * times
  }
  return groups
}

/** How many probes follow each other from here. */
function run(entries: readonly TimelineEntry[], at: number): number {
  let length = 0
  while (entries[at + length]?.probe) length++
  return length
}

/** The shortest pattern that repeats from here, and how often; one call once, if none does. */
function pattern(entries: readonly TimelineEntry[], at: number): [length: number, times: number] {
  for (let length = 1; length <= LONGEST; length++) {
    let times = 1
    while (repeats(entries, at, length, times)) times++
    // What is closed one by one is worth a line each: the end of a link detaches.
    const closes = entries.slice(at, at + length).every(({ call }) => call === 'close')
    if (times >= OFTEN && !closes) return [length, times]
  }
  return [1, 1]
}

/** Whether the calls of a pattern come for another time. */
function repeats(
  entries: readonly TimelineEntry[],
  at: number,
  length: number,
  times: number,
): boolean {
  for (let n = 0; n < length; n++) {
    const [first, again] = [entries[at + n], entries[at + times * length + n]]
    if (!first || !again || !alike(first, again)) return false
  }
  return true
}

/** Calls that make something, fail differently or are about different things are worth a paragraph each. */
function alike(a: TimelineEntry, b: TimelineEntry): boolean {
  // In a walk through ids each object is another one.
  const sameThing = a.call === 'bpf' || a.call === 'close' || a.meaning === b.meaning
  return (
    sameThing &&
    a.command === b.command &&
    a.pid === b.pid &&
    a.errno === b.errno &&
    a.probe === b.probe &&
    !/^BPF_(?:MAP_CREATE|PROG_LOAD|BTF_LOAD|LINK_CREATE)$|^execve$/.test(a.command)
  )
}
