import { BpfError } from '../errors/bpf-error.ts'
import { closest } from '../errors/closest.ts'
import { libbpfVersion } from '../ffi/libbpf.ts'
import { captured } from '../ffi/print.ts'
import type { LibbpfMessage } from '../ffi/print.ts'
import type { ProgramSpec } from '../program/program-spec.ts'
import { bpf_object__load } from './bindings.ts'
import { clearEventSizes } from './event-maps.ts'
import type { ObjectHandle } from './handle.ts'
import { loadError, verifierLogs } from './load-error.ts'
import { SECTION_NAMES } from './section-names.ts'

/**
 * Loads an object into the kernel.
 * @returns verifier logs by program, for programs with a log level
 */
export function load(handle: ObjectHandle, programs: readonly ProgramSpec[]): Map<string, string> {
  const object = handle.pointer('load object')
  for (const program of programs) checkType(program)
  clearEventSizes(object)
  const { value: errno, messages } = captured(() => bpf_object__load(object))
  if (errno < 0) {
    handle.state = 'failed'
    throw loadError({ object: handle.name, programs, errno, messages })
  }
  handle.state = 'loaded'
  return verifierLogs(messages satisfies readonly LibbpfMessage[])
}

function checkType(program: ProgramSpec): void {
  if (!program.autoload || program.type !== 'unspec') return
  const name = program.section.replace(/^\?/, '')
  const [prefix = ''] = name.split('/')
  const since = SECTION_NAMES.get(prefix)
  const [suggestion] = closest(prefix, SECTION_NAMES.keys())
  throw new BpfError({
    operation: 'load program',
    subject: program.name,
    problem: `its section '${program.section}' does not tell the program type`,
    hint: since
      ? `This is libbpf ${libbpfVersion().text}; it knows the section from ${since} on. Or set spec.programs.${program.name}.type and attachType.`
      : suggestion
        ? `Did you mean SEC("${name.replace(prefix, suggestion)}")?`
        : `Put it in a section that libbpf knows, or set spec.programs.${program.name}.type.`,
  })
}
