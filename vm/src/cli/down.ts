import { machine } from '../index.ts'
import { say } from '../host/step.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '',
  summary: 'end the machine, and all that was changed in it',
  async run(args) {
    readFlags(args, [])
    say((await machine().down()) ? 'The machine is down.' : 'The machine was down already.')
    return 0
  },
}
