import { closeSync, readlinkSync } from 'node:fs'
import { UsageError } from '@ebpf-labs/harness/loader'
import type { Kernel } from './kernel.ts'
import {
  type MapInfo,
  type ProgramInfo,
  byId,
  ids,
  mapInfo,
  openPinned,
  programInfo,
} from './objects.ts'

/** Prints a line for people or a record for programs. */
export type Show = (text: string, record: Record<string, unknown>) => void

/**
 * Shows all programs and maps of the machine, as `bpftool prog` and `bpftool map` do: next id, open, ask, close.
 * @throws BpfError unless the caller is root
 */
export function showAll(kernel: Kernel, show: Show): void {
  for (const id of ids(kernel, 'PROG')) {
    const program = byId(kernel, 'PROG', id, programInfo)
    if (program) showProgram(program, show) // it may be gone again
  }
  for (const id of ids(kernel, 'MAP')) {
    const map = byId(kernel, 'MAP', id, mapInfo)
    if (map) showMap(map, show)
  }
}

/**
 * Shows the program or map that is pinned at a path.
 * @throws BpfError when there is none
 */
export function showPinned(kernel: Kernel, path: string | undefined, show: Show): void {
  if (path === undefined) throw new UsageError('open takes a path, such as /sys/fs/bpf/hello.')
  const fd = openPinned(kernel, path)
  try {
    const kind = readlinkSync(`/proc/self/fd/${fd}`) // the kernel tells what a descriptor stands for
    if (kind.includes('bpf-prog')) showProgram(programInfo(kernel, fd), show)
    else if (kind.includes('bpf-map')) showMap(mapInfo(kernel, fd), show)
    else throw new UsageError(`${path} is neither a program nor a map: ${kind}`)
  } finally {
    closeSync(fd)
  }
}

const showProgram = (program: ProgramInfo, show: Show) =>
  show(`program ${program.id}: ${program.name}, ${program.instructions} instructions`, {
    ...program,
  })

const showMap = (map: MapInfo, show: Show) =>
  show(
    `map ${map.id}: ${map.name}, at most ${map.maxEntries} entries of ${map.keySize} and ${map.valueSize} bytes`,
    { ...map },
  )
