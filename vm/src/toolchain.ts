import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { selectArchitecture } from './arch/select.ts'
import { cached, keyOf } from './host/cache.ts'
import { findClang, type Clang } from './host/clang.ts'
import { command } from './host/command.ts'
import { provideRequirements } from './host/install.ts'
import { findProgram } from './host/programs.ts'
import { step } from './host/step.ts'
import { makeHostTools } from './image/host-tools.ts'
import { makeKernel, type Kernel } from './image/kernel.ts'
import { makeRoot } from './image/root.ts'
import { machine } from './index.ts'
import { defaultSeries, kernels, selectKernel, type KernelSeries } from './kernels.ts'
import type { Provider } from './provider.ts'
import { selectProvider } from './providers/select.ts'
import { headersOf } from './providers/toolchain.ts'

/** What it takes to compile a BPF program on this host for the machine. */
export interface BpfToolchain extends Clang {
  /** The machine's architecture, as Debian names it. */
  readonly arch: 'amd64' | 'arm64'
  /** Full path of a bpftool of this host, of the same version as the machine's. */
  readonly bpftool: string
  /** Folders for `-I`: the headers of the libbpf that the machine has. */
  readonly includes: string[]
  /** Full path of a vmlinux.h with the types of the machine's kernel, or of a newer one. */
  readonly vmlinuxHeader: string
  /** The machine's kernel release, as `uname -r` says it there. */
  readonly kernel: string
}

/**
 * The toolchain for the machine that LAB_ARCH and LAB_KERNEL select; what is missing of kernel
 * and headers is downloaded first.
 * @throws HostError if clang is missing or too old, or a download fails.
 */
export async function bpfToolchain(series = selectKernel()): Promise<BpfToolchain> {
  const provider = selectProvider()
  if (provider !== 'qemu' && provider !== 'native') return toolchainFor(machine())
  const arch = selectArchitecture()
  const clang = await findClang().catch(async () => {
    await provideRequirements(arch)
    return findClang()
  })
  const [linux, newest, image, bpftool] = await Promise.all([
    makeKernel(series, arch),
    makeKernel(newer(series, selectKernel(defaultSeries)), arch),
    makeRoot(arch),
    makeHostTools(),
  ])
  return {
    arch: arch.name,
    ...clang,
    bpftool,
    includes: [image.includes],
    vmlinuxHeader: await vmlinuxHeader(newest, arch.name, bpftool),
    kernel: linux.release,
  }
}

/** The host's clang, with the headers of a machine that is not of our making. */
async function toolchainFor(box: Provider): Promise<BpfToolchain> {
  const clang = await findClang()
  const { includes, ...rest } = await headersOf(box)
  const bpftool = findProgram('bpftool') ?? 'bpftool'
  return { arch: selectArchitecture('').name, ...clang, bpftool, includes: [includes], ...rest }
}

/**
 * Which kernel's types to compile with. An older kernel's lack what labs offer to newer ones, and
 * CO-RE makes up for the difference: the same program is to be loaded on all of them.
 */
const newer = (one: KernelSeries, other: KernelSeries): KernelSeries =>
  kernels.indexOf(one) > kernels.indexOf(other) ? one : other

/** Every type of a kernel as one C header, made from its BTF. */
async function vmlinuxHeader(linux: Kernel, arch: string, bpftool: string): Promise<string> {
  const key = keyOf(basename(linux.folder), await command([bpftool, 'version']))
  const folder = await cached(`headers/${arch}-${linux.release}-${key}`, 0.1, (making) =>
    step(`vmlinux.h of ${linux.release}`, async () => {
      const header = await command([bpftool, 'btf', 'dump', 'file', linux.btf, 'format', 'c'])
      writeFileSync(join(making, 'vmlinux.h'), header)
    }),
  )
  return join(folder, 'vmlinux.h')
}
