import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { MachineError } from '../errors.ts'
import { exitOf } from '../host/child.ts'
import { sshArguments, type Channel } from './channel.ts'

/**
 * Opens the connection that all commands share: logging in anew takes a second in an emulated
 * machine. It ends by itself when the machine does.
 * @param seconds how long to wait for an answer
 * @throws MachineError if the machine does not let us in.
 */
export async function connectMaster(channel: Channel, seconds = 10): Promise<void> {
  const settings = ['ControlPersist=yes', 'LogLevel=ERROR', `ConnectTimeout=${seconds}`]
  const options = ['-M', '-N', '-f', ...settings.flatMap((setting) => ['-o', setting])]
  const ssh = spawn('ssh', sshArguments(channel, options), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // With -f it ends, leaving a process in the background, once the connection stands. That one
  // keeps stderr open, so reading to its end would take forever.
  let complaint = ''
  ssh.stderr.on('data', (chunk) => (complaint += String(chunk)))
  const { code } = await exitOf(ssh)
  ssh.stderr.destroy()
  if (code === 0) return
  throw new MachineError(`the machine does not let us in: ${complaint.trim() || `ssh: ${code}`}`)
}

/** Whether the shared connection stands. */
export async function masterStands(channel: Channel): Promise<boolean> {
  if (!existsSync(channel.control)) return false
  const ssh = spawn('ssh', sshArguments(channel, ['-O', 'check']), { stdio: 'ignore' })
  return (await exitOf(ssh)).code === 0
}
