import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BpfObject, Btf, VerifierError } from '@ebpf-labs/libbpf'

/** A program of this folder that the verifier must reject, as the tags of rejected.h describe it. */
export interface RejectedProgram {
  /** Its C function: `missing_null_check`. The twin that loads is `missing_null_check_fixed`. */
  name: string
  /** File name of its source: `maps.bpf.c`. */
  source: string
  /** Path of the object file that holds it and its twin. */
  object: string
  /** What it does wrong, in plain words. */
  mistake: string
  /** Names that the reason may have in the catalogue of `explainVerifierLog()`. */
  reasons: string[]
  /** What the verifier may say, one entry for each wording that a kernel has. */
  words: RegExp[]
  /** The capability without which alone it is rejected. */
  without: string | undefined
  /** The first kernel that accepts the twin, where 5.10 does not. */
  since: string | undefined
}

/** All rejected programs, by source file and then in their order there. */
export function rejectedPrograms(): RejectedProgram[] {
  const folder = join(import.meta.dirname, '..', 'build', 'rejected')
  return globSync('*.bpf.o', { cwd: folder })
    .toSorted()
    .flatMap((file) => programsOf(join(folder, file)))
}

/**
 * Loads one program of an object and unloads it at once.
 * @returns the error with all of the verifier's steps, or undefined if the verifier accepts it
 * @throws BpfError if something else than the verifier refuses it
 */
export function verify(object: string, name: string): VerifierError | undefined {
  // Level 4 is the verdict alone. A program that is too complex was walked through for a million
  // instructions: with a line for each of them the log would have 100 MB.
  const verdict = load(object, name, 4)
  return verdict === undefined || verdict.code === 'E2BIG' ? verdict : load(object, name, 1)
}

function load(object: string, name: string, logLevel: number): VerifierError | undefined {
  using spec = BpfObject.open(object)
  const program = spec.program(name)
  program.autoload = true
  program.logLevel = logLevel
  try {
    spec.load().close()
    return undefined
  } catch (error) {
    if (error instanceof VerifierError) return error
    throw error
  }
}

function programsOf(object: string): RejectedProgram[] {
  const btf = Btf.fromElf(readFileSync(object))
  const tags = new Map<string, Record<string, string>>()
  for (const type of btf.types()) {
    const [, key, text] = (type.kind === 'decl_tag' && /^(\w+): (.*)$/.exec(type.name)) || []
    if (type.kind !== 'decl_tag' || key === undefined || text === undefined) continue
    const program = btf.type(type.type).name
    tags.set(program, { ...tags.get(program), [key]: text })
  }
  return [...tags].flatMap(([name, { mistake, reason, words, without }]) => {
    if (mistake === undefined || reason === undefined || words === undefined) return []
    return {
      name,
      source: basename(object).replace(/o$/, 'c'),
      object,
      mistake,
      reasons: reason.split(' | '),
      words: words.split(' | ').map(pattern),
      without,
      since: tags.get(`${name}_fixed`)?.['since'],
    }
  })
}

/** `{}` stands for what differs between compilers and kernels: a register's number, a size, an offset. */
function pattern(wording: string): RegExp {
  return new RegExp(
    wording
      .split('{}')
      .map((text) => RegExp.escape(text))
      .join('[-+\\w]+'),
  )
}
