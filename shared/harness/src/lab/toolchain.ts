import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { release, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { BpfToolchain } from '../../../../vm/src/toolchain.ts'
import { HostError } from '../../../../vm/src/errors.ts'
import { inPlace } from './place.ts'

/**
 * What it takes to compile for the kernel that the labs run on: inside the machine its own clang and its own kernel's types,
 * on a host what `vm` supplies for the machine.
 * @throws HostError if clang is missing or too old
 */
export async function toolchain(): Promise<
  Pick<BpfToolchain, 'arch' | 'clang' | 'includes' | 'vmlinuxHeader'>
> {
  if (!inPlace()) return (await import('../../../../vm/src/toolchain.ts')).bpfToolchain()
  const { findClang } = await import('../../../../vm/src/host/clang.ts')
  return {
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    clang: (await findClang()).clang,
    includes: [], // libbpf's headers are in /usr/include
    vmlinuxHeader: ownVmlinuxHeader(),
  }
}

/** vmlinux.h of the running kernel, made once per kernel. */
function ownVmlinuxHeader(): string {
  const folder = join(
    tmpdir(),
    `ebpf-labs-headers-${userInfo().uid}`,
    `${release()}-${process.arch}`,
  )
  const header = join(folder, 'vmlinux.h')
  if (existsSync(header)) return header
  const btf = '/sys/kernel/btf/vmlinux'
  if (!existsSync(btf))
    throw new HostError(
      `this kernel, ${release()}, has no BTF (${btf}): choose another with LAB_VM=qemu`,
    )
  mkdirSync(dirname(header), { recursive: true })
  const types = execFileSync('bpftool', ['btf', 'dump', 'file', btf, 'format', 'c'], {
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'], // it remarks on what it leaves out; a failure carries its words
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
  writeFileSync(`${header}.${process.pid}`, types)
  renameSync(`${header}.${process.pid}`, header)
  return header
}
