import type { Call, Ending, Unread } from './call.ts'
import { Descriptors, type Thing, kindOf } from './descriptors.ts'
import { attributesOf, commandName, meanings, refusal, unknownMeaning } from './meaning.ts'
import { attachedByNetlink } from './netlink.ts'
import { isNameless, isProbeName, isRefusedTry } from './probe.ts'
import { eventSource } from './event-source.ts'
import { type StraceValue, fieldsOf, isDescriptor, textOf } from './value.ts'

/** A call of a loader that concerns BPF, explained. */
export interface TimelineEntry {
  /** Its place in the timeline, from 0. */
  index: number
  /** The thread that made it. */
  pid: number
  /** Seconds after the first entry. */
  time: number
  /** `bpf`, `perf_event_open`, `ioctl`, `mmap`, `epoll_ctl`, … */
  call: string
  /** What tells it from others of the call: `BPF_MAP_CREATE`, `PERF_EVENT_IOC_ENABLE`, `EPOLL_CTL_ADD`. */
  command: string
  /** Its attributes by name; those that are zero, empty or NULL are left out. */
  attributes: Record<string, StraceValue>
  /** What it returned. */
  result: number
  /** What the returned descriptor stands for: `map 'counts'`. */
  object?: string
  /** Indexes of the calls that use what it made. */
  uses: number[]
  errno?: string
  error?: string
  /** Whether it only tries what the kernel can do: what it made was closed at once. */
  probe: boolean
  /** One sentence. */
  meaning: string
}

const waits = /^(?:epoll_p?wait|p?poll)$/

/** Turns the calls of a trace into a timeline of those that concern BPF. */
export class Timeline {
  readonly entries: TimelineEntry[] = []
  readonly #descriptors = new Descriptors()
  /** Those epoll instances that watch something of BPF. */
  readonly #watching = new WeakSet<Thing>()
  /** Those calls that were tries if what they made is closed at once. */
  readonly #maybeProbes = new WeakSet<TimelineEntry>()
  #start: number | undefined

  /** Takes the next call; returns its entry if it has one. `uses` and `probe` of earlier entries may change. */
  add(call: Call | Ending | Unread): TimelineEntry | undefined {
    if ('line' in call) return this.#unread(call)
    if (!('name' in call)) return undefined
    const entry = this.#entryOf(call)
    this.#descriptors.follow(call)
    return entry
  }

  #entryOf(call: Call): TimelineEntry | undefined {
    if (call.name === 'bpf') return this.#bpf(call)
    if (call.name === 'close') return this.#close(call)
    if (call.name === 'execve') return this.#execve(call)
    if (call.name === 'perf_event_open') return this.#perfEvent(call)
    if (call.name === 'fcntl' || call.name.startsWith('dup')) return undefined
    if (call.name.startsWith('send')) return this.#netlink(call)
    if (call.name === 'setsockopt') return this.#socket(call)
    const things = this.#descriptors.thingsIn(call.pid, call.args)
    const thing = things.find(({ kind }) => kind !== 'epoll')
    const epoll = things.find(({ kind }) => kind === 'epoll')
    if (epoll && thing) this.#watching.add(epoll)
    if (epoll && !thing)
      return waits.test(call.name) && this.#watching.has(epoll)
        ? this.#other(call, epoll)
        : undefined
    if (!thing) return undefined
    return this.#other(call, thing)
  }

  /** A line of strace that was not understood, if it concerns BPF: shown as it is. */
  #unread({ line, problem }: Unread): TimelineEntry | undefined {
    const [, pid = 0, time = 0, text = line] = /^(\d+)\s+(\d+\.\d+)\s+(.*)$/s.exec(line) ?? []
    if (!/bpf|perf_event/.test(text)) return undefined
    const name = /^(\w+)\(/.exec(text)?.[1] ?? ''
    const call = {
      pid: Number(pid),
      time: Number(time),
      name,
      args: [],
      named: {},
      result: undefined,
    }
    return this.#enter(call, name, { line: text }, `is not understood: ${problem}`)
  }

  #bpf(call: Call): TimelineEntry {
    const [command, attr = {}] = call.args
    const name = commandName(command)
    const thingOf = (value: StraceValue) =>
      isDescriptor(value) && kindOf(value) ? this.#descriptors.of(call.pid, value) : undefined
    const attributes = attributesOf(attr, thingOf)
    const shown = typeof attr === 'number' ? { attr } : fieldsOf(attr) // a command that strace does not know
    const meaning = meanings[name]?.(attributes) ?? unknownMeaning(name, attr)
    const entry = this.#enter(call, name, shown, meaning)
    const uses = [...this.#descriptors.thingsIn(call.pid, attr), ...this.#mapsOf(call.pid, attr)]
    this.#use(entry, uses)
    entry.probe =
      isProbeName(attributes.text('map_name') || attributes.text('prog_name')) ||
      uses.some(({ made }) => made !== undefined && this.entries[made]?.probe) ||
      (entry.errno !== undefined && isRefusedTry(name, attributes))
    const kind = isDescriptor(call.result) ? kindOf(call.result) : newKinds[name]
    if (!kind || entry.result <= 0) return entry
    this.#made(entry, entry.result, kind, nameOf(kind, name, attributes))
    if (/^BPF_(?:MAP_CREATE|(?:PROG|BTF)_LOAD)$/.test(name) && isNameless(attributes))
      this.#maybeProbes.add(entry)
    return entry
  }

  /** The maps whose descriptors stand in a program's instructions (BPF_PSEUDO_MAP_FD and _VALUE in linux/bpf.h). */
  #mapsOf(pid: number, attr: StraceValue): Thing[] {
    const { insns } = fieldsOf(attr)
    if (!Array.isArray(insns)) return []
    const fds = insns.map(fieldsOf).flatMap(({ code, src_reg: source, imm }) => {
      const isMap = code === 'BPF_LD|BPF_DW|BPF_IMM' && /^BPF_REG_[12]$/.test(textOf(source))
      return isMap && typeof imm === 'number' ? [imm] : []
    })
    return [...new Set(fds)].flatMap((fd) => this.#descriptors.thing(pid, fd) ?? [])
  }

  #perfEvent(call: Call): TimelineEntry {
    const [attr, pid, cpu] = call.args
    const { text, word } = attributesOf(attr ?? null, () => undefined)
    const source = eventSource(Number(text('type')))
    const what = source ?? `${word('type', 'PERF_TYPE_')} ${text('config')}`.trim()
    const whose = pid === -1 ? 'any process' : `process ${textOf(pid)}`
    const where = cpu === -1 ? 'any CPU' : `CPU ${textOf(cpu)}`
    const fields = { ...fieldsOf(attr), pid: pid ?? null, cpu: cpu ?? null }
    const meaning = `opens a perf event, ${what}, for ${whose}, ${where}`
    const entry = this.#enter(call, 'perf_event_open', fields, meaning)
    if (!isDescriptor(call.result)) return entry
    this.#made(entry, call.result.fd, 'perf event', `perf event ${what}`)
    this.#maybeProbes.add(entry)
    return entry
  }

  #other(call: Call, thing: Thing): TimelineEntry {
    const [, second] = call.args
    const command = call.name === 'ioctl' || call.name === 'epoll_ctl' ? textOf(second) : call.name
    const meaning = otherMeaning(call.name, command, thing)
    const fields = Object.fromEntries(call.args.map((arg, n) => [`arg${n}`, arg]))
    const entry = this.#enter(call, command, fields, meaning)
    this.#use(entry, this.#descriptors.thingsIn(call.pid, call.args))
    return entry
  }

  /** `ip link` and `tc` attach by a message that has the program's descriptor. */
  #netlink(call: Call): TimelineEntry | undefined {
    const attached = attachedByNetlink(call.args)
    if (!attached) return undefined
    const { program, device, hook } = attached
    const fd = isDescriptor(program) ? program.fd : Number(program)
    const thing = this.#descriptors.thing(call.pid, fd)
    const meaning = `attaches ${thing?.label ?? `descriptor ${fd}`} to ${hook} of ${device}, by netlink`
    const entry = this.#enter(call, call.name, { program, device }, meaning)
    if (thing) this.#use(entry, [thing])
    return entry
  }

  /** SO_ATTACH_BPF and the like: strace shows the descriptor as a number. */
  #socket(call: Call): TimelineEntry | undefined {
    const [socket = null, , option, value] = call.args
    const [fd] = Array.isArray(value) ? value : []
    const number = isDescriptor(fd) ? fd.fd : fd
    if (!/^SO_ATTACH.*BPF$/.test(textOf(option)) || typeof number !== 'number') return undefined
    const thing = this.#descriptors.thing(call.pid, number)
    const meaning = `attaches ${thing?.label ?? `descriptor ${number}`} to a socket`
    const entry = this.#enter(call, textOf(option), { socket, program: number }, meaning)
    if (thing) this.#use(entry, [thing])
    return entry
  }

  #execve(call: Call): TimelineEntry | undefined {
    const [path, argv] = call.args
    if (call.result !== 0) return undefined // PATH is tried out
    const line = Array.isArray(argv) ? argv.map(textOf).join(' ') : textOf(path)
    return this.#enter(call, 'execve', { path: path ?? null }, `starts: ${line}`)
  }

  /** What was closed before anything was done with it was a probe; else the end of the last descriptor is worth a line. */
  #close(call: Call): TimelineEntry | undefined {
    const [first] = call.args
    if (!isDescriptor(first)) return undefined
    const thing = this.#descriptors.close(call.pid, first.fd)
    if (!thing || thing.kind === 'epoll') return undefined
    if (this.#wasProbe(thing, call.pid)) return undefined
    const detaches = thing.kind === 'link' ? ', which detaches it unless it is pinned' : ''
    const entry = this.#enter(
      call,
      'close',
      { fd: first },
      `closes the last descriptor of ${thing.label}${detaches}`,
    )
    this.#use(entry, [thing])
    return entry
  }

  /** Whether what is closed was only a try: nothing was done with it that succeeded, and nothing else meanwhile. */
  #wasProbe({ made }: Thing, pid: number): boolean {
    const maker = made === undefined ? undefined : this.entries[made]
    if (!maker || maker.probe) return maker !== undefined
    if (!this.#maybeProbes.has(maker)) return false
    const isTry = ({ probe, errno, call }: TimelineEntry) =>
      probe || errno !== undefined || call === 'close'
    const later = this.entries.slice(maker.index + 1).filter((entry) => entry.pid === pid)
    if (!later.every(isTry)) return false
    maker.probe = true
    for (const index of maker.uses) this.entries[index]!.probe = true
    return true
  }

  #enter(
    call: Call,
    command: string,
    attributes: Record<string, StraceValue>,
    meaning: string,
  ): TimelineEntry {
    this.#start ??= call.time
    const { pid, time, name, result, errno, error } = call
    const number = isDescriptor(result) ? result.fd : Number(result ?? -1)
    const entry: TimelineEntry = {
      ...{ index: this.entries.length, pid, time: time - this.#start, call: name, command },
      ...{ attributes: telling(attributes), result: number, uses: [], probe: false },
      ...(errno === undefined ? {} : { errno, error: error ?? '' }),
      meaning: errno === undefined ? meaning : `${meaning}: ${refusal(command, errno, error)}`,
    }
    this.entries.push(entry)
    return entry
  }

  #made(entry: TimelineEntry, fd: number, kind: Thing['kind'], label: string): void {
    entry.object = label
    this.#descriptors.open(entry.pid, fd, { kind, label, made: entry.index })
  }

  #use(entry: TimelineEntry, things: readonly Thing[]): void {
    for (const { made } of new Set(things))
      if (made !== undefined && made !== entry.index) this.entries[made]?.uses.push(entry.index)
  }
}

/** What commands make whose descriptor strace shows as a mere number. */
const newKinds: Record<string, Thing['kind']> = {
  BPF_RAW_TRACEPOINT_OPEN: 'link',
  BPF_ITER_CREATE: 'iterator',
  BPF_TOKEN_CREATE: 'token',
}

function nameOf(kind: Thing['kind'], command: string, a: ReturnType<typeof attributesOf>): string {
  const quoted = (text: string) => (text === '' ? '' : ` '${text}'`)
  if (command === 'BPF_MAP_CREATE') return `map${quoted(a.text('map_name'))}`
  if (command === 'BPF_PROG_LOAD') return `program${quoted(a.text('prog_name'))}`
  if (command === 'BPF_BTF_LOAD') return `BTF of ${a.text('btf_size')} bytes`
  if (command === 'BPF_OBJ_GET') return `${kind} pinned at ${a.text('pathname')}`
  if (command.endsWith('_GET_FD_BY_ID'))
    return `${kind} with id ${a.text(`${kind === 'program' ? 'prog' : kind.toLowerCase()}_id`)}`
  if (kind === 'link') return `link of ${a.thing('prog_fd')}`
  return kind
}

function otherMeaning(call: string, command: string, thing: Thing): string {
  const known: Record<string, string> = {
    mmap: `maps ${thing.label} into the process's memory`,
    EPOLL_CTL_ADD: `asks to be woken when ${thing.label} has data`,
    EPOLL_CTL_DEL: `no longer asks to be woken by ${thing.label}`,
    PERF_EVENT_IOC_SET_BPF: `attaches a program to ${thing.label}`,
    PERF_EVENT_IOC_ENABLE: `switches ${thing.label} on`,
    PERF_EVENT_IOC_DISABLE: `switches ${thing.label} off`,
  }
  if (waits.test(call)) return 'waits for events'
  return known[command] ?? `${call} ${command} on ${thing.label}`
}

/** Attributes that say something; instructions and debug information are only counted. */
function telling(fields: Record<string, StraceValue>): Record<string, StraceValue> {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, StraceValue][] => {
    if (Array.isArray(value) && value.length > 4) return [[name, `[${value.length} items]`]]
    if (isNothing(value)) return []
    const inner = fieldsOf(value)
    return [[name, Object.keys(inner).length > 0 ? telling(inner) : value]]
  })
  return Object.fromEntries(kept)
}

/** A descriptor field that is not used is 0, which strace takes for stdin. */
function isNothing(value: StraceValue): boolean {
  if (isDescriptor(value)) return value.fd === 0 && kindOf(value) === undefined
  return value === 0 || value === 0n || value === null || value === ''
}
