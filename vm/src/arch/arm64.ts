import { checkArm64Image } from '../image/unpack-kernel.ts'
import type { Architecture } from './arch.ts'

export const arm64: Architecture = {
  name: 'arm64',
  triplet: 'aarch64-linux-gnu',
  linker: 'usr/lib/ld-linux-aarch64.so.1',
  npmCpu: 'arm64',
  qemu: 'qemu-system-aarch64',
  qemuPackages: {
    apt: 'qemu-system-arm',
    dnf: 'qemu-system-aarch64-core',
    pacman: 'qemu-system-aarch64',
  },
  hostArch: 'arm64',
  // The device tree says all there is to say, and is read in less time than ACPI's tables.
  kernelArguments: ['console=ttyAMA0', 'acpi=off'],
  unpackKernel: checkArm64Image,
  // `max` emulates pointer authentication, which makes everything slower.
  machineArguments: ({ kind }) => ['-M', 'virt', '-cpu', kind === 'kvm' ? 'host' : 'cortex-a72'],
  // With two emulated processors, Node crashes in one start of 25 that has TypeScript to strip (docs/decisions/003).
  processors: ({ kind }, hostProcessors) => (kind === 'kvm' ? Math.min(hostProcessors, 4) : 1),
}
