import { command } from '../host/command.ts'

interface DiskOptions {
  /** Room beyond what the folder holds, in MiB. */
  readonly spare: number
  /** How much the folder holds, in MiB, file system overhead included. */
  readonly content: number
}

/**
 * Makes an ext4 disk image from a folder, everything in it owned by root, without being root.
 * The file is sparse: unused room takes no disk space.
 */
export async function makeDisk(folder: string, image: string, { spare, content }: DiskOptions) {
  const mke2fs = ['mke2fs', '-q', '-t', 'ext4', '-d', folder, '-L', 'ebpf-labs']
  // No journal and no reserved blocks: the disk is read-only or thrown away.
  const features = ['-m', '0', '-O', '^has_journal,^resize_inode', '-E', 'root_owner=0:0']
  const size = `${Math.ceil(content + spare)}M`
  const make = [...mke2fs, ...features, image, size]
  // As a normal user, fakeroot makes mke2fs see the files as root's.
  const env = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  await command(process.getuid?.() === 0 ? make : ['fakeroot', '--', ...make], { env })
}

/** How much a folder holds, in MiB, with what ext4 needs around it. */
export async function sizeOf(folder: string): Promise<number> {
  const kib = Number.parseInt(await command(['du', '-sk', folder]), 10)
  return (kib / 1024) * 1.08 + 16
}
