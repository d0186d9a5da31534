import type { Call } from './call.ts'
import { type Descriptor, type StraceValue, isDescriptor, textOf } from './value.ts'

/** What a descriptor stands for. */
export interface Thing {
  kind: 'map' | 'program' | 'BTF' | 'link' | 'perf event' | 'epoll' | 'iterator' | 'token'
  /** As a sentence names it: `map 'counts'`. */
  label: string
  /** Index in the timeline of the call that made it; undefined for what was there before. */
  made?: number
  /** Descriptors that refer to it. */
  references: number
}

const kinds: Record<string, Thing['kind']> = {
  'bpf-map': 'map',
  'bpf-prog': 'program',
  btf: 'BTF',
  bpf_link: 'link',
  'bpf-link': 'link',
  '[perf_event]': 'perf event',
  '[eventpoll]': 'epoll',
  bpf_iter: 'iterator',
  'bpf-token': 'token',
}

/** The kind of thing by what /proc/PID/fd calls it: `anon_inode:bpf-map`. */
export function kindOf({ path }: Descriptor): Thing['kind'] | undefined {
  return path.startsWith('anon_inode:') ? kinds[path.slice('anon_inode:'.length)] : undefined
}

/** Follows descriptors through the processes of a trace: what they stand for, copies, inheritance, closing. */
export class Descriptors {
  readonly #tables = new Map<number, Map<number, Thing>>()

  /** What a descriptor of a thread stands for. */
  thing(pid: number, fd: number): Thing | undefined {
    return this.#table(pid).get(fd)
  }

  /** What the descriptors in a value stand for, as far as they concern BPF. */
  thingsIn(pid: number, value: StraceValue): Thing[] {
    if (isDescriptor(value)) return kindOf(value) ? [this.of(pid, value)] : []
    if (Array.isArray(value)) return value.flatMap((item) => this.thingsIn(pid, item))
    if (typeof value !== 'object' || value === null) return []
    return Object.values(value).flatMap((item) => this.thingsIn(pid, item))
  }

  /** What a descriptor stands for, made known if it was open before the trace began. */
  of(pid: number, descriptor: Descriptor): Thing {
    const known = this.thing(pid, descriptor.fd)
    const kind = kindOf(descriptor)
    if (known && (kind === undefined || known.kind === kind)) return known
    return this.open(pid, descriptor.fd, {
      kind: kind ?? 'map',
      label: `${kind ?? 'descriptor'} ${descriptor.fd}`,
    })
  }

  /** Enters a new descriptor. */
  open(pid: number, fd: number, thing: Omit<Thing, 'references'>): Thing {
    const entered = { ...thing, references: 1 }
    this.#table(pid).set(fd, entered)
    return entered
  }

  /** Removes a descriptor; returns what it stood for if that was the last one. */
  close(pid: number, fd: number): Thing | undefined {
    const table = this.#table(pid)
    const thing = table.get(fd)
    table.delete(fd)
    return thing && --thing.references === 0 ? thing : undefined
  }

  /** Follows the calls that copy descriptors: dup(2), fcntl(2), fork(2), clone(2); and execve(2), which closes all of BPF's. */
  follow(call: Call): void {
    const { pid, name, args, result } = call
    const to = isDescriptor(result) ? result.fd : result
    if (typeof to !== 'number' || to < 0) return
    const [first] = args
    if (/^dup[23]?$/.test(name) || (name === 'fcntl' && textOf(args[1]).startsWith('F_DUPFD'))) {
      const thing = isDescriptor(first) ? this.thing(pid, first.fd) : undefined
      this.close(pid, to)
      if (!thing) return
      thing.references++
      this.#table(pid).set(to, thing)
    } else if (/^v?fork$|^clone3?$/.test(name)) {
      this.#inherit(pid, to, JSON.stringify(call.named) + JSON.stringify(args))
    } else if (name === 'execve') {
      for (const fd of this.#table(pid).keys()) this.close(pid, fd)
    }
  }

  #inherit(parent: number, child: number, flags: string): void {
    const table = this.#table(parent)
    if (flags.includes('CLONE_FILES')) {
      this.#tables.set(child, table)
      return
    }
    for (const thing of table.values()) thing.references++
    this.#tables.set(child, new Map([...table, ...this.#table(child)]))
  }

  #table(pid: number): Map<number, Thing> {
    const found = this.#tables.get(pid) ?? new Map<number, Thing>()
    this.#tables.set(pid, found)
    return found
  }
}
