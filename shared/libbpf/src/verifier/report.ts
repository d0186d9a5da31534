/** One entry of a report: a place in the program and what is said of it. */
export interface ReportEntry {
  /** `error`, `branch`, `update`, `invalidated`, `spilled`, `acquired`, `released`, `context`. */
  readonly label: string
  /** What is said of the place. */
  readonly message: string
  readonly function?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The C line that is marked. */
  readonly code?: string
  /** Slot of the instruction that is marked. */
  readonly insn?: number
  /** The instruction that is marked, with its opcode: `(71) r3 = *(u8 *)(r2 +0)`. */
  readonly text?: string
}

/** The report that Linux 7.3 and later end a log with (kernel/bpf/diagnostics.c). */
export interface VerifierReport {
  /** `Memory Safety`, `Register Type Safety`, `Resource Lifetime Safety`, … */
  readonly category: string
  /** `Invalid dereference`, `Access outside bounds`, … */
  readonly problem: string
  readonly reason: string
  readonly at?: ReportEntry
  readonly path: readonly ReportEntry[]
  readonly suggestion: string
}

const HEADER = /^Verification failed: (.*)$/
const SECTION = /^([A-Z][\w ]*):$/
const PLACE = /^ {2}(?:(\S+) @ )?(\S[^|]*):(\d+):(\d+)$/
const NO_PLACE = /^ {2}insn (\d+)$/
const ANNOTATION = /^[ ]{2}\s*\| +\^-- (\w+): (.*)$/
const CONTINUED = /^ {2}\s*\| {4,}(\S.*)$/
const MARKED = /^ {2}>>> *(\d+) \| (.*)$/

type MutableEntry = { -readonly [K in keyof ReportEntry]: ReportEntry[K] }

/**
 * Reads the report at the end of a log.
 *
 * @param text from `Verification failed:` on
 * @returns the report, and the lines after it that belong to the log again
 */
export function parseReport(text: string): { report: VerifierReport; rest: string[] } {
  const sections = new Map<string, string[]>()
  const rest: string[] = []
  let header = ''
  let current: string[] | undefined
  for (const line of text.split('\n')) {
    const started = HEADER.exec(line)?.[1]
    const section = SECTION.exec(line)?.[1]
    if (started !== undefined) header = started
    else if (section !== undefined) sections.set(section, (current = []))
    else if (line === '' || line.startsWith('  ')) current?.push(line)
    else rest.push(line)
  }
  const [category = '', ...problem] = header.split(': ')
  const at = entries(sections.get('At') ?? [])[0]
  return {
    report: {
      category,
      problem: problem.join(': '),
      reason: paragraph(sections.get('Reason')),
      ...(at ? { at } : {}),
      path: entries(sections.get('Causal path') ?? []),
      suggestion: paragraph(sections.get('Suggestion')),
    },
    rest,
  }
}

/** Joins the lines that the kernel wrapped at 100 columns. */
function paragraph(lines: readonly string[] | undefined): string {
  return (lines ?? [])
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ')
}

function entries(lines: readonly string[]): ReportEntry[] {
  const found: MutableEntry[] = []
  let inInstructions = false
  for (const line of lines) {
    const place = PLACE.exec(line)
    const bare = NO_PLACE.exec(line)
    if (place || bare) {
      inInstructions = false
      found.push({ label: '', message: '', ...placeOf(place), ...insnOf(bare) })
      continue
    }
    const entry = found.at(-1)
    if (!entry) continue
    if (line.trim() === 'Instruction context:') inInstructions = true
    else readEntryLine(entry, line, inInstructions)
  }
  return found
}

function readEntryLine(entry: MutableEntry, line: string, inInstructions: boolean): void {
  const annotation = ANNOTATION.exec(line)
  const marked = MARKED.exec(line)
  const continued = CONTINUED.exec(line)
  if (annotation) {
    entry.label = annotation[1] ?? ''
    entry.message = annotation[2] ?? ''
  } else if (marked && inInstructions) {
    entry.insn = Number(marked[1])
    entry.text = marked[2] ?? ''
  } else if (marked) {
    entry.code = (marked[2] ?? '').trim()
  } else if (continued && entry.message !== '' && !inInstructions) {
    entry.message += ` ${continued[1]}`
  }
}

function placeOf(match: RegExpExecArray | null): Partial<MutableEntry> {
  if (!match) return {}
  const [, name, file = '', line, column] = match
  return {
    ...(name === undefined ? {} : { function: name }),
    file,
    line: Number(line),
    column: Number(column),
  }
}

function insnOf(match: RegExpExecArray | null): Partial<MutableEntry> {
  return match ? { insn: Number(match[1]) } : {}
}
