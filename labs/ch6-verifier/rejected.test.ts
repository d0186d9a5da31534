import { readFileSync } from 'node:fs'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { describe, expect } from 'vitest'
import { type RejectedProgram, rejectedPrograms, verify } from './rejected/programs.ts'

const node = process.execPath
const loader = new URL('rejected.ts', import.meta.url).pathname
const programs = rejectedPrograms()

/** Whether the source marks the line that the verifier is to stop at. */
function marksLine({ name, source }: RejectedProgram): boolean {
  const text = readFileSync(new URL(`rejected/${source}`, import.meta.url), 'utf8')
  const [body] = new RegExp(`^(?:NAKED )?int ${name}\\([^]*?^}.*$`, 'm').exec(text) ?? []
  if (body === undefined) throw new Error(`no function ${name} in ${source}`)
  return body.includes('// <- here')
}

for (const program of programs) {
  const { name, object, mistake, reasons, words, without, since } = program

  test(`a program that ${mistake} is rejected`, async ({ exec }) => {
    // The tests run as root. The loader gives up the capability by itself.
    const said: Said = without
      ? JSON.parse((await exec([node, loader, name, '--json'])).stdout)
      : explained(program)
    expect(
      words.filter((wording) => wording.test(said.reason.join('\n'))),
      said.reason.join('\n'),
    ).toHaveLength(1)
    expect(reasons).toContain(said.id)
    if (marksLine(program)) expect(said.code).toContain('// <- here')
    else expect(said.code).toBeUndefined()
    expect(said.summary).toMatch(/^[A-Z\d].*\.$/)
    expect(said.fix).not.toBe('')
  })

  const tooOld = kernelTooOld(since)
  test.skipIf(tooOld)(`${name}_fixed, its twin, is accepted${tooOld}`, async ({ exec }) => {
    if (without) {
      const { stdout } = await exec([node, loader, name, '--fixed', '--json'])
      expect(JSON.parse(stdout)).toEqual({ program: `${name}_fixed`, accepted: true })
    } else {
      expect(verify(object, `${name}_fixed`)).toBeUndefined()
    }
  })
}

/** What there is to say about a program that was rejected. */
interface Said {
  id: string
  reason: readonly string[]
  /** The C line, where the verifier stopped at one. */
  code?: string | undefined
  summary: string
  fix: string
}

function explained({ object, name }: RejectedProgram): Said {
  const explanation = verify(object, name)?.explanation
  if (!explanation) throw new Error(`the verifier accepts ${name}`)
  return { ...explanation, code: explanation.at?.source?.code }
}

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

describe('the loader', () => {
  test('lists the programs with what each does wrong', async ({ exec }) => {
    const { code, stdout } = await exec([node, loader])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(programs.length)
    expect(stdout).toMatch(/^missing-null-check +uses what a lookup found/m)
  })

  test('shows the line, the register’s history, the reason and what to change', async ({
    exec,
  }) => {
    const { code, stdout } = await exec([node, loader, 'missing-null-check'])
    expect(code).toBe(0)
    expect(stdout).toContain('*n += 1; // <- here')
    expect(stdout).toMatch(/^How R\d .*came about/m)
    expect(stdout).toContain('call bpf_map_lookup_elem#1')
    expect(stdout).toMatch(/invalid mem access 'map_value_or_null'/)
    expect(stdout).toContain('if (!value) return 0;')
  })

  test('prints the verifier’s log as it came', async ({ exec }) => {
    const { stdout } = await exec([node, loader, 'missing-null-check', '--log'])
    expect(stdout).toMatch(/^\d+: \(85\) call bpf_map_lookup_elem#1/m)
    expect(stdout).toMatch(/^processed \d+ insns/m)
  })

  test('names the programs when there is none of that name', async ({ exec }) => {
    const { code, stderr } = await exec([node, loader, 'null-check'])
    expect(code).toBe(2)
    expect(stderr).toContain("There is no rejected program 'null-check'. There are:\n")
    expect(stderr).toContain('\n  missing-null-check\n')
  })
})
