import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileBpf } from '../../test/compile.ts'
import { logOf } from '../../test/load-one.ts'
import { expectedPrograms } from '../../test/rejected-programs.ts'
import { INV_LOG, INV_LOG_LEVEL_1, REPORT_LOG } from '../../test/verifier-logs.ts'
import { explainVerifierLog } from './explain.ts'
import { formatExplanation } from './format.ts'

const loader = fileURLToPath(new URL('../../test/load-one.ts', import.meta.url))

/** Loads the program in a process that has CAP_BPF, but neither CAP_PERFMON nor CAP_SYS_ADMIN. */
function logWithoutPerfmon(object: string, program: string, level: number): string | undefined {
  const node = [process.execPath, loader, object, program, String(level)]
  const command = ['--bounding-set=-sys_admin,-perfmon', ...node]
  const log = execFileSync('setpriv', command, { encoding: 'utf8' })
  return log === '' ? undefined : log
}

const programs = expectedPrograms()

test.each(programs.filter(({ reason }) => reason === undefined))(
  '$source: $name is accepted',
  ({ source, name }) => {
    expect(logOf(compileBpf(source), name, 0)).toBeUndefined()
  },
)

const runs = programs.flatMap((program) => [1, 2].map((level) => ({ ...program, level })))

test.each(runs.filter(({ reason }) => reason !== undefined))(
  '$source: the log of $name with level $level is understood as $reason',
  ({ source, name, reason, unprivileged, level }) => {
    const verify = unprivileged ? logWithoutPerfmon : logOf
    const log = verify(compileBpf(source), name, level) ?? ''
    const explanation = explainVerifierLog(log)
    expect({ id: explanation?.id, log }).toEqual({ id: reason, log })
    const text = formatExplanation(explanation!)
    expect(text.split('\n').length).toBeLessThanOrEqual(25)
    expect(text).not.toMatch(/.{81}/)
    expect(text).toContain(`\n\nWhat to change:\n  ${explanation!.fix.slice(0, 20)}`)
    expect(text).not.toMatch(/undefined|NaN|\[object/)
    // What is about the program as a whole has no place; everything else has one in this source.
    expect([undefined, source]).toContain(explanation?.at?.source?.file)
  },
)

function rejected(name: string, level = 2): NonNullable<ReturnType<typeof explainVerifierLog>> {
  const program = programs.find((candidate) => candidate.name === name)!
  return explainVerifierLog(logOf(compileBpf(program.source), name, level)!)!
}

test('an index that is too large is followed back to the checks that it passed', () => {
  const { register, history, at, summary } = rejected('off_by_one_global')
  expect(register).toBe('R2')
  expect(summary).toContain('offset 16 of the section of global variables (.bss)')
  expect(at?.source?.code).toBe('char c = message[position];')
  const checks = history.filter(({ role }) => role === 'check')
  expect(checks.map(({ step, taken }) => [step.text, taken])).toEqual([
    ['if w1 s< 0x0 goto pc+11', false],
    ['if w1 > 0xc goto pc+10', false],
  ])
  expect(history[0]?.role).toBe('origin')
  expect(checks.at(-1)?.state?.attributes).toMatchObject({ umax: '12' })
})

test('a missing NULL check names the helper whose result was not checked', () => {
  expect(rejected('null_check').summary).toBe(
    'The result of bpf_map_lookup_elem() may be NULL, and the program uses it without a check.',
  )
  expect(rejected('no_check_before_submit').summary).toContain('bpf_ringbuf_reserve()')
})

test('a leak names the call and the line that acquired what is missing', () => {
  const { summary, fix } = rejected('no_submit')
  expect(summary).toMatch(/^What bpf_ringbuf_reserve\(\) acquired in line \d+ is not released/)
  expect(fix).toContain('bpf_ringbuf_discard()')
})

test('a wrong argument is named by its position and by what was expected', () => {
  expect(rejected('not_a_map').summary).toBe(
    'The first argument of bpf_map_delete_elem() is a stack address, but has to be a map.',
  )
})

test('a loop that never ends is explained at the instruction that the verifier names', () => {
  const { at, reason } = rejected('unbounded', 1)
  expect(at?.insn).toBe(Number(/at insn (\d+)/.exec(reason[0]!)?.[1]))
})

test('a value is followed through the stack, and not into functions that returned', () => {
  const log = `
0: R1=ctx() R10=fp0
0: (85) call bpf_get_prandom_u32#7    ; R0=scalar()
1: (7b) *(u64 *)(r10 -8) = r0         ; R0=scalar(id=1) fp-8=scalar(id=1)
2: (85) call pc+4
caller:
 R10=fp0 fp-8=scalar(id=1)
callee:
 frame1: R1=ctx() R10=fp0
7: frame1: R1=ctx() R10=fp0
7: (b7) r6 = 1                        ; frame1: R6=1
8: (b7) r0 = 0                        ; frame1: R0=0
9: (95) exit
returning from callee:
 frame1: R0=0 R6=1 R10=fp0
to caller at 3:
 R0=0 R10=fp0 fp-8=scalar(id=1)
3: (79) r6 = *(u64 *)(r10 -8)         ; R6=scalar(id=1) fp-8=scalar(id=1)
4: (71) r0 = *(u8 *)(r6 +0)
R6 invalid mem access 'scalar'
`
  const { history, summary } = explainVerifierLog(log)!
  expect(history.map(({ step, role, register }) => [step.insn, role, register])).toEqual([
    [0, 'origin', 'R0'],
    [1, 'copy', 'fp-8'],
    [3, 'copy', 'R6'],
  ])
  expect(summary).toContain('bpf_get_prandom_u32()')
  const ofCallee = log.replace(
    'r6 = *(u64 *)(r10 -8)         ; R6=scalar(id=1) fp-8=scalar(id=1)',
    'r5 = r6',
  )
  const lost = explainVerifierLog(
    ofCallee.replace('R6 invalid', 'R5 invalid').replace('(r6 +0)', '(r5 +0)'),
  )!
  expect(lost.history.map(({ step }) => step.insn)).toEqual([3])
})

test('the frame pointer itself has no history worth telling', () => {
  expect(rejected('below_the_stack')).toMatchObject({ id: 'stack-bounds', history: [] })
  expect(rejected('below_the_stack')).not.toHaveProperty('register')
})

test('an explanation never takes more than 25 lines', () => {
  const explanation = rejected('off_by_one_global')
  const words = 'word '.repeat(200).trim()
  const long = {
    ...explanation,
    summary: words,
    fix: words,
    reason: Array.from({ length: 9 }, () => words),
  }
  expect(formatExplanation(long).split('\n')).toHaveLength(25)
})

test('a long history keeps its beginning and its end', () => {
  const explanation = rejected('off_by_one_global')
  const [first, ...rest] = explanation.history
  const many = [first!, ...Array.from({ length: 9 }, () => rest).flat()]
  const lines = formatExplanation({ ...explanation, history: many }).split('\n')
  const at = lines.findIndex((line) => / … \d+ more steps …$/.test(line))
  expect(lines[at - 1]).toContain(first!.step.text)
  expect(lines[at + 1]).toMatch(/^ {2}line \d+: /)
  const whole = formatExplanation(explanation).split('\n')
  const end = whole.indexOf('The verifier says:')
  const last = whole.slice(end - 3, end - 1)
  expect(lines.join('\n')).toContain(last.join('\n'))
})

test('an explanation of Linux 5.10 knows the history of the value', () => {
  const { id, history, state } = explainVerifierLog(INV_LOG)!
  expect(id).toBe('not-a-pointer')
  expect(history.map(({ step, role }) => [step.insn, role])).toEqual([
    [8, 'origin'],
    [9, 'change'],
  ])
  expect(state?.attributes).toMatchObject({ umax: '255' })
  expect(explainVerifierLog(INV_LOG_LEVEL_1)).toMatchObject({ id: 'packet-bounds' })
})

test('a report of Linux 7.3 is explained by the catalogue, and by itself where that has no words', () => {
  expect(explainVerifierLog(REPORT_LOG)).toMatchObject({ id: 'missing-null-check' })
  const unheard = REPORT_LOG.replace("R0 invalid mem access 'map_value_or_null'\n", '')
  expect(explainVerifierLog(unheard)).toMatchObject({
    id: 'unknown',
    summary: expect.stringMatching(/^R0 may be NULL here/),
    fix: expect.stringMatching(/^Add a NULL check/),
  })
})

test('a verdict that nobody has put into words is passed on as it is', () => {
  const explanation = explainVerifierLog('0: (95) exit\nthe moon is in the wrong phase\n')!
  expect(explanation).toMatchObject({
    id: 'unknown',
    summary: 'The verifier says: the moon is in the wrong phase.',
  })
})

test('the log of a program that was accepted explains nothing', () => {
  expect(
    explainVerifierLog(
      '0: (b7) r0 = 0\n1: (95) exit\nprocessed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n',
    ),
  ).toBeUndefined()
})
