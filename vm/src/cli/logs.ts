import { machine } from '../index.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '[--previous]',
  summary: "show the machine's console",
  details: '--previous shows the one of the machine before.',
  async run(args) {
    const flags = readFlags(args, ['--previous'])
    process.stdout.write(machine().logs(flags.has('--previous')))
    return 0
  },
}
