/** The user asked for something that cannot be: told in one message, without a stack trace. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
  readonly exitCode: number = 2
}

/** Something of this computer is missing or refused; the message names the command that mends it. */
export class HostError extends UsageError {
  override readonly name = 'HostError'
  override readonly exitCode: number = 1
}

/** The machine itself failed (panic, hang, QEMU gone): never to be read as a failed lab. */
export class MachineError extends Error {
  override readonly name: string = 'MachineError'
  /** 125, as `docker run` and `timeout` use it for a failure that is not the command's own. */
  readonly exitCode = 125
  /** What to do next. */
  readonly advice: string = 'The next command starts a fresh machine.'
  /** What the console said last, as far as it matters. */
  readonly console: readonly string[]

  constructor(message: string, console: readonly string[] = []) {
    super(message)
    this.console = console
  }
}

/** The machine's disk has no room for the workspace's files. */
export class FullDiskError extends MachineError {
  override readonly name = 'FullDiskError'
  override readonly advice = 'Remove something in it, or end it: npm run vm -- down'

  constructor() {
    super('its disk is full, and the workspace has files to bring into it')
  }
}
