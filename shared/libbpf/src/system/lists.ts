import { readFileSync } from 'node:fs'
import { linkInfo } from '../link/info.ts'
import type { LinkInfo } from '../link/info.ts'
import { isFrozen, mapInfo } from '../maps/info.ts'
import type { MapInfo } from '../maps/info.ts'
import { programInfo } from '../program/info.ts'
import type { ProgramInfo } from '../program/info.ts'
import { bpf } from '../raw/bpf.ts'
import { Fd } from '../raw/fd.ts'
import { objectInfo } from '../raw/objects.ts'
import { memlock, walk } from './snapshot.ts'
import type { Surroundings } from './snapshot.ts'

/** A program of the system. */
export type SystemProgram = ProgramInfo &
  Surroundings & {
    /** When it was loaded, to about 10 ms. */
    readonly loadTime: Date
    /** Bytes of locked memory. */
    readonly memlock: number
  }

/** A map of the system. */
export type SystemMap = MapInfo &
  Surroundings & {
    readonly memlock: number
    /** Whether user space has given up writing to it. */
    readonly frozen: boolean
  }

/** A link of the system. */
export type SystemLink = LinkInfo & Surroundings

/** BTF that the kernel holds: its own, its modules' and what was loaded with programs and maps. */
export interface BtfInfo {
  readonly id: number
  /** `vmlinux`, the module's name, or empty. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Whether it is the kernel's or a module's. */
  readonly kernel: boolean
}

/** BTF of the system. */
export type SystemBtf = BtfInfo & Surroundings

/**
 * All BPF programs of the system, by id.
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function programs(): Generator<SystemProgram, void, undefined> {
  const booted = bootTime()
  return walk('prog', (fd) => {
    const info = programInfo(fd.fd)
    const loadTime = new Date(booted + Number(info.loadedAt / 1_000_000n))
    return { ...info, loadTime, memlock: memlock(fd) }
  })
}

/**
 * All BPF maps of the system, by id.
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function maps(): Generator<SystemMap, void, undefined> {
  return walk('map', (fd) => ({
    ...mapInfo(fd.fd),
    memlock: memlock(fd),
    frozen: isFrozen(fd.fd),
  }))
}

/**
 * All BPF links of the system, by id (Linux 5.8).
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function links(): Generator<SystemLink, void, undefined> {
  return walk('link', (fd) => linkInfo(fd.fd))
}

/**
 * All BTF that the kernel holds, by id; the kernel's own comes first.
 *
 * @throws BpfError with EPERM unless the caller has CAP_SYS_ADMIN
 */
export function btfs(): Generator<SystemBtf, void, undefined> {
  return walk('btf', btfInfo)
}

/** MODULE_NAME_LEN and to spare. */
const NAME_SIZE = 128

function btfInfo(fd: Fd): BtfInfo {
  const info = objectInfo('btf', fd)
  const kernel = info.u32('kernel_btf') === 1
  const name = Buffer.alloc(NAME_SIZE)
  // Only the kernel's have one. Before 5.11 the struct ends in front of it, and what goes beyond is refused (E2BIG).
  if (kernel) objectInfo('btf', fd, { name, name_len: name.length })
  return {
    id: info.u32('id'),
    name: name.toString('utf8', 0, name.indexOf(0)),
    size: info.u32('btf_size'),
    kernel,
  }
}

/** Milliseconds since 1970 at which the system booted; the kernel counts load times from there. */
function bootTime(): number {
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0])
  return Date.now() - uptime * 1000
}

/**
 * Makes the kernel count how often and how long each program runs, until what it returns is closed:
 * `using stats = enableStats()`. It costs every run of every program some 20 to 30 ns.
 *
 * @throws BpfError before Linux 5.8, or without CAP_SYS_ADMIN
 */
export function enableStats(): Fd {
  const BPF_STATS_RUN_TIME = 0
  return new Fd(bpf('BPF_ENABLE_STATS', { type: BPF_STATS_RUN_TIME }), 'run-time statistics')
}
