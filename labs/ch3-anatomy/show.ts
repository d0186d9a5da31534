import { readFileSync } from 'node:fs'
import { type Program, openMapById, parseElf, parseVerifierLog, xlated } from '@ebpf-labs/libbpf'
import { compare, countOf, instructionsOf, sectionsOf } from './anatomy.ts'
import { disassembleMachineCode } from './machine-code.ts'

/** Prints a text, or a record as JSON: what a loader gets. */
interface Printer {
  event(text: string, record: Record<string, unknown>): void
}

/**
 * Prints what an object file holds, what the kernel made of its program, and both codes side by side.
 * @param object the file
 * @param log of the verifier, at log level 4
 * @param withMachineCode whether to print the machine code, too
 */
export function showAnatomy(
  run: Printer,
  object: URL,
  program: Program,
  log: string,
  withMachineCode: boolean,
): void {
  const elf = parseElf(readFileSync(object))
  const sections = sectionsOf(elf)
  const rows = sections.map(
    ({ name, bytes, about }) => `  ${name.padEnd(20)} ${String(bytes).padStart(5)}  ${about}`,
  )
  run.event(['In the file:', `  section              bytes`, ...rows, ''].join('\n'), { sections })

  const file = instructionsOf(elf)
  showProgram(run, program, countOf(file), log)

  const pairs = compare(file, xlated(program))
  const width = Math.max(...pairs.map((pair) => pair.file.length))
  const lines = pairs.map(
    (pair) =>
      `  ${String(pair.number).padStart(3)}  ${pair.file.padEnd(width)}  ${pair.kernel === pair.file ? '=' : short(pair.kernel)}`,
  )
  const head = `       ${'in the file'.padEnd(width)}  in the kernel`
  run.event([head, ...lines, ''].join('\n'), { instructions: pairs })

  if (!withMachineCode) return
  const code = disassembleMachineCode(program.jited())
  const text = code.length > 0 ? code.map((line) => `  ${line}`) : ['  none: the JIT is off']
  run.event([`Machine code (${process.arch}):`, ...text, ''].join('\n'), { machineCode: code })
}

function showProgram(run: Printer, program: Program, inFile: number, log: string): void {
  const { id, type, name, tag, mapIds, xlatedSize, jitedSize } = program.info()
  const maps = mapIds.map((mapId) => {
    using map = openMapById(mapId)
    return { id: mapId, name: map.name }
  })
  const inKernel = xlatedSize / 8
  const stack = parseVerifierLog(log).statistics?.stackDepth ?? []
  const text = [
    `In the kernel: program ${id}, '${name}', type ${type}, tag ${tag}`,
    `  maps          ${maps.map((map) => `${map.id} ${map.name}`).join(', ')}`,
    `  instructions  ${inFile} in the file, ${inKernel} after the verifier (${xlatedSize} bytes)`,
    `  machine code  ${jitedSize} bytes`,
    `  stack         ${stack.join(' + ')} bytes of 512`,
    '',
  ]
  const instructions = { file: inFile, kernel: inKernel }
  const record = { id, type, name, tag, maps, instructions, xlatedSize, jitedSize, stack }
  run.event(text.join('\n'), { program: record })
}

/** The kernel's symbol of a function is its name behind the tag of its code: `bpf_prog_cbacc90865b1b9a5_get_opcode`. */
const short = (line: string) => line.replace(/#bpf_prog_[0-9a-f]{16}_/, '#')
