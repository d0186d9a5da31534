import type { Root } from '../image/root.ts'
import type { Transport } from '../transport.ts'

/** How to reach a machine by ssh. */
export interface Channel {
  readonly port: number
  readonly key: string
  readonly knownHosts: string
  /** The control socket of the connection that all commands share. */
  readonly control: string
}

export const channelTo = (root: Root, port: number, control: string): Channel => ({
  port,
  key: root.key,
  knownHosts: root.knownHosts,
  control,
})

/** ssh's arguments up to the command; nothing of the user's own configuration has a say. */
export function sshArguments(channel: Channel, options: readonly string[] = []): string[] {
  const settings = {
    ControlPath: channel.control,
    Port: String(channel.port),
    User: 'root',
    IdentityFile: channel.key,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: channel.knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    HostKeyAlias: 'ebpf-labs',
    StrictHostKeyChecking: 'yes',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    EscapeChar: 'none',
    LogLevel: 'QUIET',
    // 10 s without an answer, and the connection ends; diagnose() has the last word.
    ServerAliveInterval: '2',
    ServerAliveCountMax: '4',
    ConnectTimeout: '10',
  }
  const set = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  // Of two settings of one name, ssh takes the first.
  return ['-F', 'none', ...options, ...set, '127.0.0.1']
}

/** The way into a machine by ssh, for root's own shell there. */
export const sshTransport = (channel: Channel): Transport => ({
  argv: (script, tty) => ['ssh', ...sshArguments(channel, [tty ? '-tt' : '-T']), script],
})

/** A word as a POSIX shell has to be given it. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
