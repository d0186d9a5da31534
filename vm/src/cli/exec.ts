import { exec, insideMachine } from '../index.ts'
import { UsageError } from '../errors.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '-- COMMAND…',
  summary: 'run a command in the machine, as root, in this folder',
  details: `The machine is started if it is down, and gets the workspace's changed files first.
Exit code: the command's own, 128 + N if signal N ended it, 125 if the machine failed.`,
  async run(args) {
    const argv = args[0] === '--' ? args.slice(1) : args
    if (argv.length === 0) throw new UsageError('exec: no command. For example: exec -- uname -a')
    if (insideMachine()) throw new UsageError('exec: this is the machine already. Run it as it is.')
    const { exitCode } = await exec(argv)
    return exitCode
  },
}
