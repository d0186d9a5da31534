import { unpackBzImage } from '../image/unpack-kernel.ts'
import type { Acceleration, Architecture } from './arch.ts'

// With several processors, QEMU before 10 emulates cmpxchg16b wrongly (the guest panics in
// __kmalloc) and races on kernel text patching, which is what attaching a kprobe does
// (`Oops: int3`). So it gets one. To do without cmpxchg16b would not help: 7.2 cannot make task
// storage then (kmalloc_nolock of mm/slub.c).
const unsafeEmulation = ({ kind, qemu }: Acceleration): boolean => kind === 'tcg' && qemu[0] < 10

export const amd64: Architecture = {
  name: 'amd64',
  triplet: 'x86_64-linux-gnu',
  linker: 'usr/lib64/ld-linux-x86-64.so.2',
  npmCpu: 'x64',
  qemu: 'qemu-system-x86_64',
  qemuPackages: {
    apt: 'qemu-system-x86',
    dnf: 'qemu-system-x86-core',
    pacman: 'qemu-system-x86 qemu-system-x86-firmware',
  },
  hostArch: 'x64',
  kernelArguments: ['console=ttyS0', 'tsc=reliable', 'no_timer_check', 'unknown_nmi_panic'],
  // QEMU enters an ELF kernel through its PVH note: no boot loader, no unpacking in the guest.
  unpackKernel: unpackBzImage,
  machineArguments: (acceleration) => [
    '-M',
    'q35,sata=off,smbus=off,usb=off,i8042=off,vmport=off,hpet=off',
    '-bios',
    'qboot.rom',
    '-cpu',
    acceleration.kind === 'kvm' ? 'host' : 'max',
  ],
  processors: (acceleration, hostProcessors) =>
    unsafeEmulation(acceleration) ? 1 : Math.min(hostProcessors, 4),
}
