import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { bpffs } from './leaks/snapshot.ts'
import { isStale, uniqueName } from './process/owner.ts'
import { messageOf } from './process/error-code.ts'

/** Makes a folder below /sys/fs/bpf that no other test uses, for pins. */
export function makePinFolder(): string {
  const path = `${bpffs}/${uniqueName('pins')}`
  try {
    mkdirSync(path)
    return path
  } catch (cause) {
    throw new Error(
      `cannot make a folder for pins: ${messageOf(cause)}\nThis takes root and bpffs: mount -t bpf bpf ${bpffs}`,
      { cause },
    )
  }
}

/** Removes a folder with the pins in it; what they pinned ends unless something else holds it. */
export function removePinFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
}

/** Removes the pin folders of processes that are gone. */
export function sweepPinFolders(): void {
  let names: string[]
  try {
    names = readdirSync(bpffs)
  } catch {
    return // no bpffs or not root: whoever needs it is told
  }
  for (const name of names.filter(isStale)) removePinFolder(`${bpffs}/${name}`)
}
