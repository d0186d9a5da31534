/** Shows the bpf() calls of any command, each explained. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { Strace } from '@ebpf-labs/harness/strace'
import { Timeline } from '@ebpf-labs/harness/timeline'
import { CommandError, findCommand } from './xray/command.ts'
import { formatTimeline, summary } from './xray/format.ts'

const options = {
  probes: { type: 'boolean', help: 'show also what libbpf only tries out' },
  all: { type: 'boolean', help: 'show calls that repeat each time' },
} as const

// The first word that is no option begins the command, and what follows are its own options.
const command = process.argv.findIndex((word, n) => n > 1 && !word.startsWith('-'))
if (command > 0 && !process.argv.slice(0, command).includes('--'))
  process.argv.splice(command, 0, '--')

let failed: number | undefined

function found(words: readonly string[]): string[] {
  try {
    return findCommand(words)
  } catch (error) {
    if (error instanceof CommandError) failed = error.exitCode
    throw error
  }
}

await loader('traces a command: xray [options] COMMAND [its options]', options, async (run) => {
  const argv = found(run.words)
  using strace = new Strace()
  const timeline = new Timeline()
  // The command's own output goes to stderr: stdout has the timeline alone.
  const [file = '', ...args] = strace.command(argv)
  const child = spawn(file, args, { stdio: ['inherit', 2, 2] })
  await once(child, 'spawn')
  const ended = once(child, 'exit')
  // Ctrl-C reaches the command by itself; a signal to x-ray alone is passed on.
  const pass = () => {
    const [first] = timeline.entries
    if (first) process.kill(first.pid, 'SIGTERM')
  }
  process.on('SIGTERM', pass)
  for await (const call of strace.follow(ended)) timeline.add(call)
  process.off('SIGTERM', pass)

  const { exitCode, signalCode } = child
  process.exitCode = exitCode ?? 128 + constants.signals[signalCode ?? 'SIGTERM']
  if (timeline.entries.length === 0) throw new UsageError('strace could not trace it.')
  if (run.json) for (const entry of timeline.entries) run.event('', { ...entry })
  else console.log(formatTimeline(timeline.entries, run.options).join('\n'))
  run.say(summary(timeline.entries, signalCode ?? `exit code ${exitCode}`))
})

// Shells have exit codes of their own for a command that is not there.
if (failed !== undefined) process.exitCode = failed
