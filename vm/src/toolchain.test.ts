import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { selectArchitecture } from './arch/select.ts'
import { selectKernel } from './kernels.ts'
import { bpfToolchain } from './toolchain.ts'

const program = `
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
SEC("ksyscall/execve") int BPF_KSYSCALL(hello, const char *path) {
  struct task_struct *task = (void *)bpf_get_current_task();
  bpf_printk("%d %s", BPF_CORE_READ(task, real_parent, tgid), path);
  return 0;
}
char LICENSE[] SEC("license") = "Dual MIT/GPL";`

test('a CO-RE program compiles against the headers of the machine', async () => {
  const toolchain = await bpfToolchain()
  const { arch, clang, llvmObjdump, bpftool, includes, vmlinuxHeader, kernel } = toolchain
  expect(arch).toBe(selectArchitecture().name)
  expect(kernel).toMatch(new RegExp(`^6\\.12\\.\\d+.*-cloud-${arch}$`))
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-labs-toolchain-'))
  const [source, object] = [join(folder, 'hello.bpf.c'), join(folder, 'hello.bpf.o')]
  writeFileSync(source, program)
  const headers = [dirname(vmlinuxHeader), ...includes].flatMap((path) => ['-I', path])
  const define = `-D__TARGET_ARCH_${arch === 'arm64' ? 'arm64' : 'x86'}`
  const target = ['-target', 'bpf', define, '-g', '-O2', '-Wall', '-Werror']
  const compiled = spawnSync(clang, [...target, ...headers, '-c', source, '-o', object])
  expect(String(compiled.stderr)).toBe('')
  expect(String(spawnSync(llvmObjdump, ['-h', object]).stdout)).toContain('ksyscall/execve')
  const dump = spawnSync(bpftool, ['btf', 'dump', 'file', object], { encoding: 'utf8' })
  expect(dump.stdout).toContain("'task_struct'")
  expect(spawnSync(bpftool, ['version'], { encoding: 'utf8' }).stdout).toMatch(/^bpftool v7\.[89]/)
  rmSync(folder, { recursive: true })
})

test('for an older kernel, programs are compiled with the types of the usual one', async () => {
  const { kernel, vmlinuxHeader } = await bpfToolchain(selectKernel('5.10'))
  expect(kernel).toMatch(/^5\.10\./)
  // A map type of 5.16.
  expect(readFileSync(vmlinuxHeader, 'utf8')).toContain('BPF_MAP_TYPE_BLOOM_FILTER')
})

test('for arm64, they are compiled with the types of an arm64 kernel', async () => {
  vi.stubEnv('LAB_ARCH', 'arm64')
  const { arch, kernel, vmlinuxHeader } = await bpfToolchain().finally(() => vi.unstubAllEnvs())
  expect([arch, kernel]).toEqual(['arm64', expect.stringMatching(/-arm64$/)])
  expect(readFileSync(vmlinuxHeader, 'utf8')).toMatch(
    /^struct user_pt_regs \{\n\t__u64 regs\[31\];/m,
  )
})
