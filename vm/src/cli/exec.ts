import { exec, insideMachine } from '../index.ts'
import { UsageError } from '../errors.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '[--timeout SECONDS] -- COMMAND…',
  summary: 'run a command in the machine, as root, in this folder',
  details: `The machine is started if it is down, and gets the workspace's changed files first.
With --timeout, the command is ended if it takes longer.
Exit code: the command's own, 128 + N if signal N ended it, 124 if it took too long, 125 if the machine failed.`,
  async run(args) {
    const { timeLimit, words } = readLimit(args)
    const argv = words[0] === '--' ? words.slice(1) : words
    if (argv.length === 0) throw new UsageError('exec: no command. For example: exec -- uname -a')
    if (insideMachine()) throw new UsageError('exec: this is the machine already. Run it as it is.')
    const { exitCode } = await exec(argv, timeLimit === undefined ? {} : { timeLimit })
    return exitCode
  },
}

function readLimit(args: readonly string[]): { timeLimit?: number; words: readonly string[] } {
  if (args[0] !== '--timeout') return { words: args }
  const timeLimit = Number(args[1])
  if (!(timeLimit > 0)) {
    throw new UsageError(`exec: --timeout ${args[1] ?? ''}: expected a number of seconds`)
  }
  return { timeLimit, words: args.slice(2) }
}
