import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sighting } from './hook.ts'

/** A tracing program in the kernel: it counts its runs in `hits`, and keeps what the last one saw in `seen`. */
export interface Watcher<Seen> extends Disposable {
  data: { bss: { hits: number; seen: Seen } }
  attach(): Disposable
}

/** Such a program before it is loaded: it is told which thread to look at. */
export interface WatcherSkeleton<Loaded> {
  open(): Disposable & { data: { rodata: { only_thread: number } }; load(): Loaded }
}

/** Loads a program that looks at this thread alone, attaches it, hands it to `body`, and takes it away again. */
export async function watch<Loaded extends Watcher<object>, Result>(
  skeleton: WatcherSkeleton<Loaded>,
  body: (watcher: Loaded) => Result | Promise<Result>,
  attach = (watcher: Loaded): Disposable => watcher.attach(),
): Promise<Result> {
  using spec = skeleton.open()
  spec.data.rodata.only_thread = process.pid // the number of its first thread, too
  using watcher = spec.load()
  using links = attach(watcher)
  return await body(watcher)
}

/**
 * Does something, and tells what the program saw of it. A string that `act` returns is what came of it.
 * @param fields what is worth telling, made of what the program left
 */
export function sighting<Seen extends object>(
  { data: { bss } }: Watcher<Seen>,
  did: string,
  act: () => unknown,
  fields: (seen: Seen) => NonNullable<Sighting['saw']>,
): Sighting {
  bss.hits = 0
  const outcome = act()
  const saw = bss.hits === 0 ? undefined : fields(bss.seen)
  return { did, saw, ...(typeof outcome === 'string' ? { outcome } : {}) }
}

/**
 * Does something that may be refused.
 * @returns what came of it: `done`, or the name of the error
 */
export function outcomeOf(act: () => unknown): string {
  try {
    act()
    return 'done'
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
}

/** Permission bits as chmod(1) writes them: 0750. */
export const octal = (mode: number): string => `0${mode.toString(8)}`

/** A new folder which goes with all that is in it. */
export const temporaryFolder = () => mkdtempDisposableSync(join(tmpdir(), 'ebpf-labs-'))
