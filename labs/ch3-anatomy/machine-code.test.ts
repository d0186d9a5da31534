import { bpftool, test } from '@ebpf-labs/harness'
import { expect, vi } from 'vitest'
import { hello } from './build/hello.skel.ts'
import { disassembleMachineCode } from './machine-code.ts'

test('the machine code of hello returns the 2 of XDP_PASS', () => {
  using skel = hello.open().load()
  const code = disassembleMachineCode(skel.programs.hello.jited())
  expect(code.length).toBeGreaterThan(10)
  // BPF’s r0 is rax on x86-64 (arch/x86/net/bpf_jit_comp.c), and on arm64 x7, in 7.2 x8 (arch/arm64/net/bpf_jit_comp.c).
  const pass = code.findIndex((line) => /^mov (eax|[wx][78]), #?2\b/.test(line))
  expect(pass).toBeGreaterThan(0)
  expect(code.slice(pass)).toContain('ret')
})

test('no machine code is no lines', () => {
  expect(disassembleMachineCode(new Uint8Array())).toEqual([])
})

test('without LLVM it is told what to install', () => {
  vi.stubEnv('PATH', '/nowhere')
  try {
    expect(() => disassembleMachineCode(Uint8Array.of(0xc3))).toThrow(
      /^cannot run llvm-mc, .*\nIt comes with LLVM: apt install llvm$/,
    )
  } finally {
    vi.unstubAllEnvs()
  }
})

test('bpftool shows machine code only if it was built with a disassembler', async ({ exec }) => {
  using skel = hello.open().load()
  const { features } = await bpftool<{ features: Record<string, boolean> }>('version')
  const argv = ['bpftool', 'prog', 'dump', 'jited', 'id', `${skel.programs.hello.id}`]
  const { code, stdout, stderr } = await exec(argv)
  const built = features['llvm'] === true || features['libbfd'] === true
  expect(code).toBe(built ? 0 : 255)
  if (built) expect(stdout).toContain('ret')
  else expect(stderr).toContain('Error: No JIT disassembly support')
})
