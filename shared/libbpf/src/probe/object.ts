import { BpfError } from '../errors/bpf-error.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { BpfObject } from '../object/bpf-object.ts'
import type { BpfObjectSpec } from '../object/object-spec.ts'
import { SECTION_NAMES } from '../object/section-names.ts'
import type { ObjectSource } from '../object/source.ts'
import type { ProgramSpec } from '../program/program-spec.ts'
import { PROGRAM_TYPES } from '../program/program-types.ts'
import type { ProgramType } from '../program/program-types.ts'
import { MapType } from '../maps/map-type.ts'
import type { MapTypeName } from '../maps/map-type.ts'
import { helperName } from '../raw/insn/helper-names.ts'
import { decodeInsns } from '../raw/insn/insn.ts'
import { CALL, CLASS, JMP } from '../raw/insn/opcodes.ts'
import { probeAttachKind } from './attach-kinds.ts'
import { probeHelper } from './helpers.ts'
import { probeMapType } from './map-types.ts'
import { probeProgramType } from './program-types.ts'
import { sectionNeeds } from './targets.ts'

/** One thing that a program or map needs and this kernel lacks. */
export interface Problem {
  /** What is wrong, for a person to read. */
  readonly reason: string
  /** What would be needed. */
  readonly needs?: string
}

/** Whether this kernel can run one program of an object. */
export interface ProgramReport {
  readonly name: string
  readonly section: string
  readonly type: string
  readonly runs: boolean
  readonly problems: readonly Problem[]
}

/** Whether this kernel has what one map of an object needs. */
export interface MapReport {
  readonly name: string
  readonly type: string
  readonly works: boolean
  readonly problems: readonly Problem[]
}

/** What of an object this kernel can run. Plain data: JSON.stringify() takes it as it is. */
export interface ObjectReport {
  readonly object: string
  readonly programs: readonly ProgramReport[]
  readonly maps: readonly MapReport[]
}

/**
 * Finds out what of an object this kernel can run, by trying: its map and program types, its helpers, its
 * ways to attach and their targets; and at last by loading each program on its own. Nothing is attached or pinned.
 *
 * @param options.load false to leave out the loading, which needs the most time
 * @throws BpfError when the source is no BPF object
 */
export function probeObject(source: ObjectSource, options: { load?: boolean } = {}): ObjectReport {
  using spec = BpfObject.open(source)
  const maps = Object.values(spec.maps).map(({ name, type }) => mapReport(name, type))
  const missing = maps.filter(({ works }) => !works).map(({ name }) => name)
  const programs = Object.values(spec.programs).map((program) => {
    const problems = staticProblems(program)
    if (problems.length === 0 && options.load !== false) {
      problems.push(...loadProblems(source, program.name, missing))
    }
    const { name, section, type } = program
    return { name, section, type, runs: problems.length === 0, problems }
  })
  return { object: spec.name, programs, maps }
}

function mapReport(name: string, type: string): MapReport {
  if (!(type in MapType)) {
    const reason = `its type (${type}) is unknown`
    return { name, type, works: false, problems: [{ reason }] }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the `in` above
  const { supported, reason = '', needs } = probeMapType(type as MapTypeName)
  const problems = supported ? [] : [problem(reason, needs)]
  return { name, type, works: supported, problems }
}

function staticProblems(program: ProgramSpec): Problem[] {
  const type = PROGRAM_TYPES.find((known) => known === program.type)
  if (type === undefined || type === 'unspec') {
    return [sectionProblem(program.section)]
  }
  const problems: Problem[] = []
  const loads = probeProgramType(type)
  if (!loads.supported) problems.push(problem(loads.reason ?? '', loads.needs))
  const { kind, missing } = sectionNeeds(program.section)
  const attaches = kind && probeAttachKind(kind)
  if (attaches && !attaches.supported && loads.supported)
    problems.push(problem(attaches.reason ?? '', attaches.needs))
  if (missing !== undefined) problems.push({ reason: missing })
  if (loads.supported) problems.push(...helperProblems(program, type))
  return problems
}

/** libbpf tells the type by the first part of the section's name. */
function sectionProblem(section: string): Problem {
  const since = SECTION_NAMES.get(section.replace(/^\?/, '').split('/')[0] ?? '')
  return since === undefined
    ? { reason: `its section '${section}' names no program type` }
    : { reason: `this libbpf does not know the section '${section}'`, needs: `libbpf ${since}` }
}

function helperProblems(program: ProgramSpec, type: ProgramType): Problem[] {
  // What a type that attaches by BTF may call depends on its target: loading it will tell.
  if (type === 'tracing' || type === 'lsm' || type === 'ext' || type === 'struct_ops') return []
  const called = new Set(
    decodeInsns(program.instructions)
      .filter(({ code, src }) => code === (CLASS.JMP | JMP.CALL) && src === CALL.HELPER)
      .map(({ imm }) => imm)
      .filter((id) => id > 0),
  )
  return [...called]
    .filter((id) => !probeHelper(type, id))
    .map((id) => ({
      reason: `programs of type ${type} may not call ${helperName(id) ?? `helper number ${id}`}() on this kernel`,
    }))
}

/** Loads one program of the object, without the maps that this kernel does not have. */
function loadProblems(
  source: ObjectSource,
  name: string,
  missingMaps: readonly string[],
): Problem[] {
  using spec: BpfObjectSpec = BpfObject.open(source)
  for (const program of Object.values(spec.programs)) program.autoload = program.name === name
  for (const map of Object.values(spec.maps)) {
    map.pinPath = undefined
    if (missingMaps.includes(map.name)) map.autocreate = false
  }
  try {
    using _loaded = spec.load()
    return []
  } catch (error) {
    if (error instanceof VerifierError && error.explanation) {
      return [{ reason: `the verifier rejects it: ${error.explanation.summary}` }]
    }
    if (error instanceof BpfError) return [{ reason: error.message.split('\n')[0] ?? '' }]
    throw error
  }
}

function problem(reason: string, needs: string | undefined): Problem {
  return { reason, ...(needs === undefined ? {} : { needs }) }
}
