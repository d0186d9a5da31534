import { readFileSync } from 'node:fs'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { type RejectedProgram, rejectedPrograms, verify } from './rejected/programs.ts'

const node = process.execPath
const loader = new URL('rejected.ts', import.meta.url).pathname
const programs = rejectedPrograms()

/** What there is to say about a program that was rejected. */
interface Said {
  id: string
  reason: readonly string[]
  /** The C line, where the verifier stopped at one. */
  code?: string | undefined
  summary: string
  fix: string
}

/** What the verifier says has to be what the tags of the program expect. */
function expectRejection(program: RejectedProgram, said: Said | undefined): void {
  const wordings = new RegExp(program.words.map(({ source }) => source).join('|'))
  expect(said?.reason.join('\n')).toMatch(wordings)
  expect(program.reasons).toContain(said?.id)
  if (marksLine(program)) expect(said?.code).toContain('// <- here')
  else expect(said?.code).toBeUndefined()
  expect(said?.summary).toMatch(/^\S.*\.$/)
  expect(said?.fix).toMatch(/\.$/)
}

/** Whether the source marks the line that the verifier is to stop at. */
function marksLine({ name, source }: RejectedProgram): boolean {
  const text = readFileSync(new URL(`rejected/${source}`, import.meta.url), 'utf8')
  const [body] = new RegExp(`^(?:NAKED )?int ${name}\\([^]*?^}.*$`, 'm').exec(text) ?? []
  if (body === undefined) throw new Error(`no function ${name} in ${source}`)
  return body.includes('// <- here')
}

for (const program of programs.filter(({ without }) => without === undefined)) {
  const { name, object, mistake, since } = program
  const tooOld = kernelTooOld(since)

  // A million instructions to walk through take software emulation 13 s, and once took it three minutes.
  test(`a program that ${mistake} is rejected`, { timeout: 300_000 }, () => {
    const error = verify(object, name)
    const code = error?.explanation?.at?.source?.code
    expectRejection(program, error?.explanation && { ...error.explanation, code })
  })

  test.skipIf(tooOld)(`${name}_fixed, its twin, is accepted${tooOld}`, () => {
    expect(verify(object, `${name}_fixed`)).toBeUndefined()
  })
}

test(
  'what root may do is rejected for a process without CAP_PERFMON',
  { timeout: 180_000 },
  async ({ exec }) => {
    const privileged = programs.filter(({ without }) => without === 'CAP_PERFMON')
    const names = privileged.map(({ name }) => name)
    for (const { object, name } of privileged) expect(verify(object, name)).toBeUndefined()

    // The loader gives up the capability by itself.
    const rejected = await exec([node, loader, ...names, '--json'], { deadline: 60_000 })
    const said = rejected.stdout
      .trimEnd()
      .split('\n')
      .map((line): Said => JSON.parse(line))
    for (const [n, program] of privileged.entries()) expectRejection(program, said[n])

    const fixed = await exec([node, loader, ...names, '--fixed', '--json'], { deadline: 60_000 })
    expect(
      fixed.stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(names.map((name) => ({ program: `${name}_fixed`, accepted: true })))
  },
)

test('each mistake that the chapter speaks of has its program', () => {
  expect(programs.map(({ name }) => name).toSorted()).toEqual([
    'common_field',
    'complex_loop',
    'endless_loop',
    'global_off_by_one',
    'gpl_helper',
    'invalid_instruction',
    'jump_out_of_range',
    'missing_null_check',
    'missing_submit',
    'moved_data_end',
    'no_return_code',
    'not_a_map',
    'pointer_leak',
    'scalar_pointer',
    'sleeping_helper',
    'stack_off_by_one',
    'stack_too_large',
    'unbounded_loop',
    'unchecked_packet',
    'uninitialised_stack',
    'unreachable_instruction',
    'written_data_end',
    'wrong_helper',
    'wrong_return_code',
  ])
})

test(
  'the loader names the programs when there is none of that name',
  { timeout: 90_000 },
  async ({ exec }) => {
    const { code, stderr } = await exec([node, loader, 'null-check'], { deadline: 60_000 })
    expect(code).toBe(2)
    expect(stderr).toContain("There is no rejected program 'null-check'. There are:\n")
    expect(stderr).toContain('\n  missing-null-check\n')
  },
)
