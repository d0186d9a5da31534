import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { BpfError } from './bpf-error.ts'
import { ClosedError } from './closed-error.ts'
import { closest } from './closest.ts'
import { errnoCode, errnoOf, errnoText } from './errno.ts'
import { nameOf, numberOf } from './names.ts'
import { UnsupportedError } from './unsupported-error.ts'

test('a message says operation, object, expected, got, errno and next step', () => {
  const cause = new Error('below')
  const error = new BpfError({
    operation: 'attach program',
    subject: 'on_exec',
    target: 'to XDP on lo',
    expected: 'a program of type xdp',
    got: 'kprobe',
    errno: -constants.errno.EINVAL,
    hint: 'Use another section.',
    cause,
  })
  expect(error.message).toBe(
    "cannot attach program 'on_exec' to XDP on lo: expected a program of type xdp, got kprobe: invalid argument (EINVAL)\nUse another section.",
  )
  expect(error).toMatchObject({ name: 'BpfError', errno: 22, code: 'EINVAL', cause })
})

test('what is not known is left out of the message', () => {
  expect(new BpfError({ operation: 'load object' }).message).toBe('cannot load object')
  expect(new BpfError({ operation: 'load object', problem: 'no' }).message).toBe(
    'cannot load object: no',
  )
  expect(new BpfError({ operation: 'load object' })).toMatchObject({ code: undefined })
})

test('an UnsupportedError says what would be needed, and what is there', () => {
  const needs = { kernel: '6.6', libbpf: '1.3' }
  const error = new UnsupportedError({ feature: 'tcx', needs, have: 'libbpf 1.1' })
  expect(error.message).toBe(
    'cannot use tcx: tcx needs Linux 6.6 and libbpf 1.3, this is libbpf 1.1',
  )
  expect(error).toBeInstanceOf(BpfError)
  const option = new UnsupportedError({
    feature: 'a kprobe',
    needs: { kernel: 'CONFIG_KPROBES=y' },
  })
  expect(option.message).toContain('needs CONFIG_KPROBES=y')
})

test('a ClosedError says what is closed', () => {
  const { message } = new ClosedError('read map', 'counts', "its object 'x'")
  expect(message).toMatch(/^cannot read map 'counts': its object 'x' is closed\n/)
})

test.each([
  [1, 'EPERM', 'operation not permitted'],
  [-2, 'ENOENT', 'no such file or directory'],
  [524, 'ENOTSUPP', 'operation is not supported'],
  [-4003, 'LIBBPF_ERRNO__ENDIAN', 'byte order'],
  [-11, 'EAGAIN', 'temporarily unavailable'],
  [95, 'EOPNOTSUPP', 'operation not supported'],
  [12_345, 'errno 12345', 'unknown error'],
])('errno %i is %s', (errno, code, text) => {
  expect(errnoCode(errno)).toBe(code)
  expect(errnoText(errno)).toContain(text)
})

test('names lead back to numbers', () => {
  for (const code of ['EPERM', 'ENOTSUPP', 'LIBBPF_ERRNO__FORMAT']) {
    expect(errnoCode(errnoOf(code))).toBe(code)
  }
  expect(() => errnoOf('ENOSUCH')).toThrow(RangeError)
})

test('close names are found by swapped, missing and wrong letters, best first', () => {
  const names = ['sched_switch', 'sched_wakeup', 'sched_switched', 'sys_enter', 'xdp']
  expect(closest('sched_swtich', names)[0]).toBe('sched_switch')
  expect(closest('sched_switchd', names)).toEqual(['sched_switch', 'sched_switched'])
  expect(closest('sys_entr', names)).toEqual(['sys_enter'])
  expect(closest('xpd', names)).toEqual(['xdp'])
  expect(closest('something else', names)).toEqual([])
})

test('a name of the kernel that is misspelt is corrected, a number it does not know stays one', () => {
  const names = ['unspec', 'hash', 'array'] as const
  expect(numberOf(names, 'array', 'set type')).toBe(2)
  expect(() => numberOf(names, 'arrya', 'set type')).toThrow("Did you mean 'array'?")
  expect([nameOf(names, 1), nameOf(names, 99)]).toEqual(['hash', 'type 99'])
})
