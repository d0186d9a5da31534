import { downAll } from '../index.ts'
import { say } from '../host/step.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '',
  summary: 'end the machines of this workspace, and all that was changed in them',
  async run(args) {
    readFlags(args, [])
    const ended = await downAll()
    if (ended === 0) say('The machine was down already.')
    else say(ended === 1 ? 'The machine is down.' : `${ended} machines are down.`)
    return 0
  },
}
