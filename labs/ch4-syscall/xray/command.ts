import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, extname, join } from 'node:path'
import { UsageError } from '@ebpf-labs/harness/loader'

/** Exit codes of shells for a command that is not there, and for one that cannot be executed. */
const [NOT_FOUND, NOT_EXECUTABLE] = [127, 126]

/** A command that cannot be started. */
export class CommandError extends UsageError {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * The command line to trace; a TypeScript file gets `node` in front.
 * @throws CommandError when there is no such command, or no strace
 */
export function findCommand(words: readonly string[], path = process.env['PATH'] ?? ''): string[] {
  const [command] = words
  if (command === undefined)
    throw new CommandError(
      'what shall be traced? Give it a command: npx nx xray ch4-syscall -- bpftool prog list',
      2,
    )
  if (find('strace', path) === undefined)
    throw new CommandError('there is no strace on PATH. Install it: apt install strace', NOT_FOUND)
  if (extname(command) === '.ts' && existsSync(command)) return ['node', ...words]
  const file = find(command, path)
  if (file === undefined) throw new CommandError(notFound(command), NOT_FOUND)
  if (!isExecutable(file))
    throw new CommandError(
      `${command} is no program that can be executed${statSync(file).isDirectory() ? ': it is a folder' : ': chmod +x it, or name what runs it'}.`,
      NOT_EXECUTABLE,
    )
  return [...words]
}

/** Where a command is, as a shell finds it. */
function find(command: string, path: string): string | undefined {
  if (command.includes('/')) return existsSync(command) ? command : undefined
  return path
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function notFound(command: string): string {
  if (command.includes(' '))
    return `there is no program '${command}'. Leave the quotes out: the command is made of words.`
  return `there is no program '${command}'${command.includes('/') ? '' : ' on PATH'}.`
}
