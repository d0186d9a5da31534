import type { Acceleration, Architecture } from '../arch/arch.ts'
import { rootPartition } from '../image/disk.ts'

interface Disks {
  readonly root: string
  readonly modules: string
  readonly node: string
}

export interface MachineFiles {
  readonly kernel: string
  readonly disks: Disks
  readonly console: string
  readonly qmpSocket: string
}

/** The machine's memory. Node, vitest and clang want more than the 128 MB that QEMU would give. */
const memoryMib = 2048

const commandLine = [
  `root=PARTUUID=${rootPartition.toString(16)}-01 rw rootfstype=ext4 init=/usr/lib/ebpf-labs/init`,
  // A panic ends QEMU at once (with -no-reboot) instead of leaving it hanging; and what is left
  // after an oops is nothing to learn from.
  'panic=-1 oops=panic quiet',
  // The order matters to none of the labs; that `bpf` is in it does, and 5.10 leaves it out.
  'lsm=landlock,lockdown,yama,loadpin,safesetid,integrity,bpf',
  // Boot time: self tests, random number health tests, audit.
  'cryptomgr.notests initcall_blacklist=jent_mod_init random.trust_cpu=on audit=0',
]

/** QEMU's arguments for a machine without graphics, with NVMe disks and loopback-only ssh. */
export function qemuArguments(
  arch: Architecture,
  acceleration: Acceleration,
  processors: number,
  files: MachineFiles,
): string[] {
  const { disks } = files
  return [
    ...['-name', 'ebpf-labs', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...arch.machineArguments(acceleration),
    ...['-accel', acceleration.kind, '-smp', String(processors), '-m', String(memoryMib)],
    ...['-kernel', files.kernel],
    ...['-append', [...commandLine, ...arch.kernelArguments].join(' ')],
    // NVMe and ext4 are built into every kernel of the table, so no initramfs is needed.
    // The machine's init tells the namespaces apart by their number.
    ...['-device', 'nvme,id=nvme,serial=ebpf-labs'],
    ...disk('root', 1, disks.root),
    ...disk('modules', 2, disks.modules),
    ...disk('node', 3, disks.node),
    // Port 0 lets the host choose a free one; restrict=on: nothing gets out of the machine.
    ...['-netdev', 'user,id=net,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:0-:22'],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-device', 'virtio-rng-pci'],
    ...['-chardev', `file,id=console,path=${escape(files.console)}`, '-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,path=${escape(files.qmpSocket)},server=on,wait=off`],
    ...['-mon', 'chardev=qmp,mode=control'],
  ]
}

// Writes go to a temporary file that has no name, so it vanishes with QEMU. read-only=on will not do
// for some of several namespaces: QEMU 7.2 then refuses writes to the others.
const disk = (id: string, namespace: number, file: string): string[] => [
  '-drive',
  `if=none,format=raw,id=${id},file=${escape(file)},snapshot=on,cache=unsafe`,
  '-device',
  `nvme-ns,bus=nvme,drive=${id},nsid=${namespace}`,
]

/** QEMU's option parser takes a doubled comma for one that is part of the value. */
const escape = (path: string): string => path.replaceAll(',', ',,')
