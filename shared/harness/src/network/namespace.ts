import { insideNetns } from '@ebpf-labs/libbpf'
import { type Finished, type RunOptions, RunningProgram } from '../process/running-program.ts'

/** One end of a veth pair. */
export interface Interface {
  /** Name of the device in its namespace: `to-right`. */
  device: string
  mac: string
  ipv4: string
  ipv6: string
  /** The namespace at the other end. */
  peer: string
}

/** What one end of a link has received and sent since it was made. */
export interface Counters {
  rx: DirectionCounters
  tx: DirectionCounters
}

/** Counters of one direction (struct rtnl_link_stats64). */
export interface DirectionCounters {
  packets: number
  bytes: number
  errors: number
  dropped: number
}

/** A network namespace with one interface for each neighbour. */
export class Namespace {
  /** What `ip netns` calls it; unique in the machine. */
  readonly name: string
  readonly interfaces: readonly Interface[]

  constructor(name: string, interfaces: readonly Interface[]) {
    this.name = name
    this.interfaces = interfaces
  }

  /** Full path, for setns(2) and `nsenter --net=`. */
  get path(): string {
    return `/run/netns/${this.name}`
  }

  /** Device of the first interface. */
  get device(): string {
    return this.to().device
  }

  /** IPv4 address of the first interface. */
  get ipv4(): string {
    return this.to().ipv4
  }

  /** IPv6 address of the first interface. */
  get ipv6(): string {
    return this.to().ipv6
  }

  /** The interface that leads to a neighbour; the first one without a name. */
  to(peer = this.interfaces[0]?.peer): Interface {
    const found = this.interfaces.find((candidate) => candidate.peer === peer)
    if (!found) throw new Error(`namespace ${this.name} has no link to '${peer}'`)
    return found
  }

  /**
   * Runs `action` with this thread in the namespace, and comes back: interfaces are found by name there, and a {@link Socket} made
   * there stays there. `action` must be synchronous.
   */
  inside<T>(action: () => T): T {
    return insideNetns(this.path, action)
  }

  /**
   * Starts a program in the namespace. Only the network changes: /sys/fs/bpf and tracefs stay, which `ip netns exec` would hide.
   * The pid is the program's own; nsenter(1) runs in it before.
   */
  async run(argv: readonly string[], options?: RunOptions): Promise<RunningProgram> {
    return RunningProgram.start(['nsenter', `--net=${this.path}`, ...argv], options)
  }

  /** Runs a program in the namespace and waits for its end. */
  async exec(argv: readonly string[], options?: RunOptions): Promise<Finished> {
    return (await this.run(argv, options)).exit()
  }

  /** The packets that crossed an interface so far; the first one by default. */
  async counters(device = this.device): Promise<Counters> {
    const argv = ['ip', '-n', this.name, '-j', '-s', 'link', 'show', 'dev', device]
    const { code, stdout, stderr } = await (await RunningProgram.start(argv)).exit()
    if (code !== 0) throw new Error(`no counters of ${device} in ${this.name}: ${stderr.trim()}`)
    const [link]: { stats64?: Counters }[] = JSON.parse(stdout)
    if (!link?.stats64) throw new Error(`no counters of ${device} in ${this.name}: ${stdout}`)
    return link.stats64
  }
}
