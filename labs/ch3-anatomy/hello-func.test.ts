import { readFileSync } from 'node:fs'
import { test } from '@ebpf-labs/harness'
import { parseElf, parseVerifierLog, xlated } from '@ebpf-labs/libbpf'
import { expect } from 'vitest'
import { countOf, instructionsOf, sectionsOf } from './anatomy.ts'
import { hello_func } from './build/hello-func.skel.ts'

const loader = [process.execPath, `${import.meta.dirname}/hello-func.ts`]
const elf = parseElf(readFileSync(hello_func.object))
/** `src` of a call to another BPF function (BPF_PSEUDO_CALL in linux/bpf.h). */
const PSEUDO_CALL = 1
const CALL = 0x85

test('the function lies in a section of its own, and the call has a blank to fill in', () => {
  const sections = sectionsOf(elf)
  const about = (name: string) => sections.find((section) => section.name === name)?.about
  expect(about('.text')).toBe('get_opcode(), 2 instructions')
  expect(about('raw_tp/sys_enter')).toBe('hello(), 22 instructions')
  expect(about('.relraw_tp/sys_enter')).toContain('.text')
  const calls = instructionsOf(elf).filter(({ code, src }) => code === CALL && src === PSEUDO_CALL)
  expect(calls).toMatchObject([{ imm: -1 }])
})

test('in the kernel the function stands behind the program, and the call leads there', () => {
  using skel = hello_func.open().load()
  const { insns, text } = xlated(skel.programs.hello)
  expect(countOf(insns)).toBe(countOf(instructionsOf(elf)))

  const at = insns.findIndex(({ code, src }) => code === CALL && src === PSEUDO_CALL)
  const next = countOf(insns.slice(0, at + 1)) // a jump counts from the next one
  const target = next + (insns[at]?.off ?? 0)
  expect(target).toBe(22) // behind the last instruction of hello()
  expect(text).toMatch(/^ +13: \(85\) call pc\+8#bpf_prog_[0-9a-f]{16}_get_opcode$/m)
})

test('the verifier adds up the stack of both functions', () => {
  using skel = hello_func.open({ logLevel: 4 }).load()
  const { statistics } = parseVerifierLog(skel.logs.get('hello') ?? '')
  expect(statistics?.stackDepth).toEqual([16, 0]) // comm[16] in hello(), nothing in get_opcode()
})

test('each system call of the process is printed with its number, none of another', async ({
  exec,
  trace,
}) => {
  const umask = process.arch === 'arm64' ? 166 : 95
  const comm = readFileSync('/proc/self/comm', 'utf8').trim()
  using lines = trace({ text: /: system call \d+$/ })
  using spec = hello_func.open()
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  const links = skel.attach()
  const mask = process.umask(0o22) // with an argument it is one system call
  for (let n = 0; n < 22; n++) process.umask(mask)
  const { pid } = await exec(['/bin/true'])
  links[Symbol.dispose]()
  const all = lines.read()
  expect(all.filter(({ text }) => text === `${comm}: system call ${umask}`)).toHaveLength(23)
  expect(all.filter((line) => line.pid === pid)).toEqual([])
})

test('the loader says that there is no such process', async ({ exec }) => {
  const { code, stderr } = await exec([...loader, '--pid', 'shell'])
  expect(stderr).toBe("error: There is no process 'shell'. A shell tells its number: echo $$\n")
  expect(code).toBe(2)
})
