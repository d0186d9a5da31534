import { exec, insideMachine } from '../index.ts'
import { UsageError } from '../errors.ts'
import { say } from '../host/step.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '',
  summary: 'open a shell in the machine, as root, in this folder',
  async run(args) {
    readFlags(args, [])
    if (insideMachine()) throw new UsageError('shell: this is a shell in the machine already.')
    if (process.stdin.isTTY) say('A shell in the machine. `exit` or Ctrl-D brings you back.')
    const { exitCode } = await exec(['bash', ...(process.stdin.isTTY ? ['-i'] : ['-s'])])
    return exitCode
  },
}
