import type { MachinePaths } from '../qemu/paths.ts'
import type { Transport } from '../transport.ts'

/** A machine that somebody else's program makes and runs; we bring the workspace and commands. */
export interface Box {
  readonly name: 'lima' | 'vagrant' | 'compose'
  /** What the program calls it. */
  readonly machine: string
  readonly paths: MachinePaths
  /**
   * Makes sure that this computer has what it takes.
   * @throws HostError with the command that mends it.
   */
  check(): Promise<void>
  /** The way into it, if it may be running. */
  transport(): Transport | undefined
  /**
   * Makes it if there is none, starts it if it is down.
   * @throws HostError if its program fails.
   */
  start(): Promise<void>
  /** Makes it anew from the present provisioning, where that cannot be done inside it. */
  remake?(): Promise<void>
  /** Ends it and all that was changed in it; tells whether there was one. */
  end(): Promise<boolean>
  /** What its program and its console said. */
  logs(): string
}
