/** One of the commands of `npm run vm -- …`. */
export interface Command {
  /** What follows the command's name, for the usage line. */
  readonly usage: string
  /** What it does, in a few words. */
  readonly summary: string
  /** Further lines for `--help`. */
  readonly details?: string
  /** Runs it and returns the exit code. */
  run(args: readonly string[]): Promise<number>
}
