/** One line of trace_pipe. */
export interface TraceLine {
  /** Name of the thread, at most 15 bytes. Looked up when the line is read, and `<...>` when the kernel has forgotten it: filter by pid. */
  comm: string
  /** The thread that hit the event. */
  pid: number
  cpu: number
  /** Latency flags, for example `...21`: interrupts off, need-resched, context, preempt depth. */
  flags: string
  /** Seconds after boot. */
  timestamp: number
  /** The trace event: `bpf_trace_printk` for what bpf_printk() wrote. */
  event: string
  text: string
}

/** What a trace_pipe shows where the buffer was overwritten before it was read. */
export interface LostEvents {
  cpu: number
  /** How many events, or undefined where the kernel does not know. */
  lost: number | undefined
}

// trace_print_context() in kernel/trace/trace_output.c: "%16s-%-7d [(tgid)] [%03d] flags seconds.micros: ", then "event: text".
const line =
  /^\s*(.{1,16})-(\d+)\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[(\d+)\]\s+(\S+)\s+(\d+\.\d+): (\w+): ?(.*)$/u
// print_trace_line() in kernel/trace/trace.c.
const lost = /^CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]$/

/** Parses one line of trace_pipe; undefined for the continuation of a text with a line break in it. */
export function parseTraceLine(text: string): TraceLine | LostEvents | undefined {
  const gap = lost.exec(text)
  if (gap) return { cpu: Number(gap[1]), lost: gap[2] === undefined ? undefined : Number(gap[2]) }
  const parts = line.exec(text)
  if (!parts) return undefined
  const [, comm = '', pid, cpu, flags = '', timestamp, event = '', said = ''] = parts
  return {
    comm: comm.trimStart(),
    pid: Number(pid),
    cpu: Number(cpu),
    flags,
    timestamp: Number(timestamp),
    event,
    text: said,
  }
}
