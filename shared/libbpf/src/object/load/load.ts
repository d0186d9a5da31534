import { BpfError } from '../../errors/bpf-error.ts'
import { closest } from '../../errors/closest.ts'
import { libbpfVersion } from '../../ffi/libbpf.ts'
import { captured } from '../../ffi/print.ts'
import type { ProgramSpec } from '../../program/program-spec.ts'
import { bpf_object__load } from '../native/bindings.ts'
import { loadError, verifierLogs } from './causes/load-error.ts'
import { clearEventSizes } from './event-maps.ts'
import type { ObjectHandle } from '../native/handle.ts'
import { tell } from '../native/open.ts'
import { LogBuffers } from './log-buffers.ts'
import type { OpenOptions } from '../options.ts'
import type { MapSpec } from '../map-spec.ts'
import { NEVER_ALONE, SECTION_NAMES, SECTIONS_OF_TWO } from '../section-names.ts'

/** What is loaded, and what explaining a failure needs. */
export interface LoadInput {
  programs: readonly ProgramSpec[]
  maps: readonly MapSpec[]
  /** BTF file that was given instead of the kernel's. */
  btf: string | undefined
  onMessage: OpenOptions['onMessage']
}

/**
 * Loads an object into the kernel; frees it if that fails.
 * @returns verifier logs by program, for programs with a log level
 */
export function load(handle: ObjectHandle, input: LoadInput): Map<string, string> {
  const object = handle.pointer('load object')
  for (const program of input.programs) checkType(program)
  clearEventSizes(object)
  using buffers = new LogBuffers(object)
  const { value: errno, messages } = captured(
    () => bpf_object__load(object),
    input.onMessage !== undefined,
  )
  tell(messages, input, handle)
  const logs = new Map([...buffers.logs(), ...verifierLogs(messages)])
  if (errno >= 0) {
    handle.state = 'loaded'
    return logs
  }
  try {
    throw loadError({ object: handle.name, errno, messages, logs, ...input })
  } finally {
    handle.state = 'failed'
    handle.close()
  }
}

function checkType(program: ProgramSpec): void {
  if (!program.autoload || program.type !== 'unspec') return
  const name = program.section.replace(/^\?/, '')
  const [prefix = ''] = name.split('/')
  throw new BpfError({
    operation: 'load program',
    subject: program.name,
    problem: `its section '${program.section}' does not tell the program type`,
    hint: sectionHint(program.name, name, prefix),
  })
}

function sectionHint(program: string, section: string, prefix: string): string {
  const since = SECTION_NAMES.get(prefix)
  if (since !== undefined) {
    return `This is libbpf ${libbpfVersion().text}; it knows the section from ${since} on. Or set spec.programs.${program}.type and attachType.`
  }
  if (SECTION_NAMES.has(prefix)) {
    const [whole] = closest(section, SECTIONS_OF_TWO)
    if (whole !== undefined) return `Did you mean SEC("${whole}")?`
    if (!NEVER_ALONE.has(prefix)) return `Write SEC("${prefix}"): nothing goes behind it.`
    const all = SECTIONS_OF_TWO.filter((each) => each.startsWith(`${prefix}/`))
    return `There is SEC("…") with ${all.join(', ')}.`
  }
  const [suggestion] = closest(prefix, SECTION_NAMES.keys())
  return suggestion
    ? `Did you mean SEC("${section.replace(prefix, suggestion)}")?`
    : `Put it in a section that libbpf knows, or set spec.programs.${program}.type.`
}
