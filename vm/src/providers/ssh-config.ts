import { existsSync } from 'node:fs'
import { quote } from '../ssh/channel.ts'
import type { Transport } from '../transport.ts'

/**
 * The way into a machine that its program describes as an ssh_config(5) file. One connection serves
 * all commands; logging in anew takes its time.
 * @param host what the file calls the machine
 * @param control where the connection's socket is to be
 */
export function sshConfigTransport(
  config: string,
  host: string,
  control: string,
): Transport | undefined {
  if (!existsSync(config)) return undefined
  const settings = {
    ControlMaster: 'auto',
    ControlPath: control,
    ControlPersist: 'yes',
    BatchMode: 'yes',
    EscapeChar: 'none',
    LogLevel: 'ERROR',
    // 15 s without an answer, and the machine counts as hanging.
    ServerAliveInterval: '3',
    ServerAliveCountMax: '5',
    ConnectTimeout: '10',
  }
  const set = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return {
    argv: (script, tty) => {
      // Without a terminal, a session of its own: a signal is sent to the command's process group.
      const shell = tty ? 'sh -c' : 'setsid -w sh -c'
      const remote = `exec sudo -n ${shell} ${quote(script)}`
      return ['ssh', '-F', config, ...set, tty ? '-tt' : '-T', host, remote]
    },
  }
}
