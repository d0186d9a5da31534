import { machine, runningMachines } from '../index.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '[--json]',
  summary: 'say whether the machine runs, and which one',
  details: `It is the one that LAB_VM, LAB_KERNEL and LAB_ARCH select; others that run are listed behind it.
Exit code: 0 if it runs, 3 if it is down.`,
  async run(args) {
    const flags = readFlags(args, ['--json'])
    const status = await machine().status()
    const others = (await runningMachines()).filter(({ pid }) => pid !== status.pid)
    if (flags.has('--json')) console.log(JSON.stringify({ ...status, others }, null, 2))
    else if (!status.running) {
      console.log(`down (${status.provider}, ${status.arch}, Linux ${status.series})`)
    } else {
      const since = status.since ? ` since ${status.since}` : ''
      console.log(`running${since} (${status.provider}, ${status.arch})`)
      console.log(`  kernel        ${status.kernel}`)
      if (status.acceleration) console.log(`  acceleration  ${status.acceleration}`)
      if (status.pid) console.log(`  process       ${status.pid}, ssh on 127.0.0.1:${status.port}`)
    }
    for (const other of flags.has('--json') ? [] : others) {
      console.log(`also running: ${other.kernel} (${other.acceleration}, process ${other.pid})`)
    }
    return status.running ? 0 : 3
  },
}
