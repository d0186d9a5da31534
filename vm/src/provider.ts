/** What runs in the machine, and how it is tied to this process. */
export interface ExecOptions {
  /** A folder of the workspace on the host; the command gets the corresponding one. */
  readonly cwd?: string
  /** Variables to add to the command's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the command gets a terminal; by default if stdin and stdout are terminals. */
  readonly tty?: boolean
  /** What the command reads: ours, nothing, or these bytes. */
  readonly stdin?: 'inherit' | 'ignore' | Uint8Array
  /** What becomes of its output: ours, or returned. */
  readonly output?: 'inherit' | 'capture'
  /** Interrupts the command, as Ctrl-C would. */
  readonly signal?: AbortSignal
  /** How long it may take, in seconds; then it is interrupted, and killed if that does not help. Its exit code is 124 then, as of timeout(1). */
  readonly timeLimit?: number
}

/** How a command in the machine ended. */
export interface ExecResult {
  /** Its exit code, or 128 + the signal's number if a signal ended it. */
  readonly exitCode: number
  /** Its output, if it was to be captured. */
  readonly stdout: string
  readonly stderr: string
}

/** What `status` shows. */
export interface Status {
  readonly provider: string
  readonly running: boolean
  readonly arch: string
  readonly series: string
  /** Known while it is running. */
  readonly kernel?: string
  readonly acceleration?: string
  readonly pid?: number
  readonly port?: number
  readonly since?: string
}

/** A way to have a Linux kernel with BTF that labs run in. */
export interface Provider {
  readonly name: string
  /** Starts the machine if it is down, making what it needs first. */
  ensure(): Promise<void>
  /**
   * Ensures the machine, brings the workspace's changed files into it and runs a command as root.
   * @throws MachineError if the machine fails before the command has ended.
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
  status(): Promise<Status>
  /** Ends the machine and all that was changed in it. */
  down(): Promise<boolean>
  /** What the machine, or the one before it, wrote on its console. */
  logs(previous?: boolean): string
}
