import { UsageError } from '../errors.ts'
import { report } from '../report.ts'
import type { Command } from './command.ts'

// Loaded one at a time: `exec` is to start fast.
const commands: Record<string, () => Promise<{ command: Command }>> = {
  setup: () => import('./setup.ts'),
  exec: () => import('./exec.ts'),
  shell: () => import('./shell.ts'),
  status: () => import('./status.ts'),
  logs: () => import('./logs.ts'),
  down: () => import('./down.ts'),
  doctor: () => import('./doctor.ts'),
  matrix: () => import('./matrix.ts'),
  toolchain: () => import('./toolchain.ts'),
  btf: () => import('./btf.ts'),
}

/** Runs one command of the machine's command line and returns the exit code. */
export async function main([name, ...args]: readonly string[]): Promise<number> {
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') return help()
    const load = commands[name]
    if (!load) {
      const known = Object.keys(commands).join(', ')
      throw new UsageError(`there is no command ${name}. There is: ${known}.`)
    }
    const { command } = await load()
    if (args[0] === '--help' || args[0] === '-h') return helpOn(name, command)
    return await command.run(args)
  } catch (error) {
    return report(error)
  }
}

async function help(): Promise<number> {
  console.log('The machine that the labs run in.\n')
  for (const [name, load] of Object.entries(commands)) {
    const { command } = await load()
    console.log(`  npm run vm -- ${`${name} ${command.usage}`.padEnd(24)} ${command.summary}`)
  }
  console.log('\nLAB_VM, LAB_KERNEL and LAB_ARCH select another machine than the default one.')
  return 0
}

function helpOn(name: string, { usage, summary, details }: Command): number {
  console.log(`npm run vm -- ${name} ${usage}\n\n${summary}.${details ? `\n\n${details}` : ''}`)
  return 0
}
