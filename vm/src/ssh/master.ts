import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { MachineError } from '../errors.ts'
import { sshArguments, type Channel } from './channel.ts'

/**
 * Opens the connection that all commands share: logging in anew takes a second in an emulated
 * machine. It ends by itself when the machine does.
 * @throws MachineError if the machine does not let us in.
 */
export async function connectMaster(channel: Channel): Promise<void> {
  const options = ['-M', '-N', '-f', '-o', 'ControlPersist=yes', '-o', 'LogLevel=ERROR']
  const ssh = spawn('ssh', sshArguments(channel, options), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  ssh.stderr.on('data', (chunk) => (complaint += String(chunk)))
  // With -f it ends, leaving a process in the background, once the connection stands.
  const [code] = (await once(ssh, 'exit')) as [number | null]
  ssh.stderr.destroy()
  if (code !== 0) throw new MachineError(`the machine does not let us in: ${complaint.trim()}`)
}

/** Whether the shared connection stands. */
export async function masterStands(channel: Channel): Promise<boolean> {
  if (!existsSync(channel.control)) return false
  const ssh = spawn('ssh', sshArguments(channel, ['-O', 'check']), { stdio: 'ignore' })
  const [code] = (await once(ssh, 'exit')) as [number | null]
  return code === 0
}

/** Ends the shared connection. */
export async function disconnectMaster(channel: Channel): Promise<void> {
  if (!existsSync(channel.control)) return
  await once(spawn('ssh', sshArguments(channel, ['-O', 'exit']), { stdio: 'ignore' }), 'exit')
}
