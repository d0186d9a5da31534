import { bpfToolchain } from '../toolchain.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '',
  summary: 'show what BPF programs are compiled with, as JSON',
  async run(args) {
    readFlags(args, [])
    console.log(JSON.stringify(await bpfToolchain(), null, 2))
    return 0
  },
}
