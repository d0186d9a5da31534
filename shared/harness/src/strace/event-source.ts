import { readFileSync, readdirSync } from 'node:fs'

const FOLDER = '/sys/bus/event_source/devices'
let names: Map<number, string> | undefined

/** The name of a dynamic source of perf events by its number, which the kernel gives out as it starts: `kprobe`, `uprobe`. */
export function eventSource(type: number): string | undefined {
  names ??= readNames()
  return names.get(type)
}

function readNames(): Map<number, string> {
  try {
    return new Map(
      readdirSync(FOLDER).map((name) => [
        Number(readFileSync(`${FOLDER}/${name}/type`, 'latin1')),
        name,
      ]),
    )
  } catch {
    return new Map() // no sysfs: the number is shown
  }
}
