import { expect, test } from 'vitest'
import { INV_LOG, INV_LOG_LEVEL_1, REPORT_LOG } from '../../test/verifier-logs.ts'
import { parseVerifierLog } from './parse.ts'

test('a log of Linux 5.10 is taken apart into instructions, C lines, states and the reason', () => {
  const log = parseVerifierLog(INV_LOG)
  expect(log.dialect).toBe('inv')
  expect(log.steps.map(({ insn }) => insn)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10])
  expect(log.steps[5]).toMatchObject({
    insn: 6,
    code: 0x85,
    text: 'call bpf_map_lookup_elem#1',
    source: { code: 'count = bpf_map_lookup_elem(&counts, &key);' },
  })
  expect(log.reason).toEqual(["R6 invalid mem access 'inv'"])
  expect(log.notes).toEqual([])
  expect(log.last?.insn).toBe(10)
  expect(log.statistics).toEqual({
    insnsProcessed: 10,
    insnLimit: 1_000_000,
    maxStatesPerInsn: 0,
    totalStates: 0,
    peakStates: 0,
    markRead: 0,
  })
})

test('after "from 4 to 7" the path goes on from the jump, not from what was printed before', () => {
  const { last, steps } = parseVerifierLog(INV_LOG_LEVEL_1)
  expect(last?.insn).toBe(7)
  expect(last?.parent?.insn).toBe(4)
  expect(last?.before).toContain('R1_w=pkt(id=0,off=0,r=0,imm=0)')
  expect(steps.map(({ insn }) => insn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('of two visits to one jump the later one is continued first', () => {
  const { steps } = parseVerifierLog(
    [
      '1: (15) if r1 == 0x0 goto pc+3',
      '2: (b7) r2 = 0',
      '1: (15) if r1 == 0x0 goto pc+3',
      '2: (b7) r2 = 0',
      'from 1 to 5: R1=0 R10=fp0',
      '5: (b7) r0 = 1',
      'from 1 to 5: R1=0 R10=fp0',
      '5: (b7) r0 = 1',
    ].join('\n'),
  )
  expect(steps[4]?.parent).toBe(steps[2])
  expect(steps[5]?.parent).toBe(steps[0])
})

test('the report of Linux 7.3 is read with its place, its causal path and its suggestion', () => {
  const { dialect, report, reason, statistics, steps } = parseVerifierLog(REPORT_LOG)
  expect(dialect).toBe('report')
  expect(steps).toHaveLength(3)
  expect(reason).toEqual(["R0 invalid mem access 'map_value_or_null'"])
  expect(statistics?.insnsProcessed).toBe(4)
  expect(report).toMatchObject({
    category: 'Register Type Safety',
    problem: 'Invalid dereference',
    reason:
      'R0 may be NULL here (a nullable map value pointer). The program could dereference NULL on this path, so the verifier cannot prove this access is safe.',
    suggestion:
      'Add a NULL check before the access and dereference the pointer only on the non-NULL path.',
  })
  expect(report?.at).toEqual({
    label: 'error',
    message: 'invalid dereference of R0 (a nullable map value pointer)',
    function: 'null_check',
    file: 'memory.bpf.c',
    line: 28,
    column: 19,
    code: 'bpf_printk("%c", config->message[0]);',
    insn: 3,
    text: '(71) r3 = *(u8 *)(r0 +0)',
  })
  expect(report?.path.map(({ label, line, insn }) => [label, line, insn])).toEqual([
    ['update', 26, 2],
    ['branch', undefined, 3],
  ])
})

test('tables and bookkeeping of newer kernels are no part of the reason', () => {
  const { reason, notes } = parseVerifierLog(
    [
      'func#0 @0',
      'Live regs before insn:',
      '      0: .......... (b7) r0 = 0',
      '  1   1: 0......... (05) goto pc-1',
      '0: R1=ctx() R10=fp0',
      '0: (b7) r0 = 0                        ; R0=0',
      'mark_precise: frame0: last_idx 1 first_idx 0 subseq_idx -1 ',
      'SCC enter (1)',
      '1: (05) goto pc-1',
      'infinite loop detected at insn 1',
      'cur state: R0=0 R1=ctx() R10=fp0',
      'old state: R0=0 R1=ctx() R10=fp0',
    ].join('\n'),
  )
  expect(reason).toEqual(['infinite loop detected at insn 1'])
  expect(notes).toEqual([])
})

test('a state that follows a backward jump on the same line belongs to the next instruction', () => {
  const { steps } = parseVerifierLog(
    '3: (56) if w0 != 0x0 goto pc-2 2: R0=scalar(umin=1) R10=fp0\n2: (85) call bpf_get_prandom_u32#7\n',
  )
  expect(steps[0]?.text).toBe('if w0 != 0x0 goto pc-2')
  expect(steps[1]?.before).toBe(' R0=scalar(umin=1) R10=fp0'.trim())
})

test('a log whose beginning the kernel cut off is read from where it starts', () => {
  const cut = INV_LOG.slice(INV_LOG.indexOf('inv0'))
  const { reason, last } = parseVerifierLog(cut)
  expect(reason).toEqual(["R6 invalid mem access 'inv'"])
  expect(last?.insn).toBe(10)
})

test('statistics of log level 4 come with time and stack depth', () => {
  const { statistics } = parseVerifierLog(
    'verification time 123 usec\nstack depth 16+304\nprocessed 9 insns (limit 1000000) max_states_per_insn 1 total_states 2 peak_states 3 mark_read 4\n',
  )
  expect(statistics).toMatchObject({ verificationTime: 123, stackDepth: [16, 304], markRead: 4 })
})

test('a log of sixteen megabytes is read in one pass', () => {
  const round =
    '; total += bpf_get_prandom_u32(); @ loops.bpf.c:31\n' +
    '4: (85) call bpf_get_prandom_u32#7    ; R0=scalar()\n' +
    '5: (15) if r0 == 0x0 goto pc+2        ; R0=scalar(umin=1)\n' +
    'from 5 to 8: R0=0 R10=fp0\n'
  const log = round.repeat(Math.ceil((16 << 20) / round.length))
  const short = log.slice(0, round.length * 10_000)
  const time = (text: string): number => {
    const start = performance.now()
    expect(parseVerifierLog(text).steps.length).toBeGreaterThan(1000)
    return performance.now() - start
  }
  time(short)
  const perByte = time(short) / short.length
  // Linear: ten times as long may not take a hundred times as long.
  expect(time(log) / log.length).toBeLessThan(perByte * 10 + 1e-5)
})
