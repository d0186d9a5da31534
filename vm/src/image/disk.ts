import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { command } from '../host/command.ts'

interface DiskOptions {
  /** Room beyond what the folder holds, in MiB. */
  readonly spare: number
  /** How much the folder holds, in MiB, file system overhead included. */
  readonly content: number
  /** Puts the file system into a partition that the kernel can find by this signature. */
  readonly partition?: number
}

/**
 * The root partition's disk signature. Namespaces of an NVMe controller get their names in the order
 * in which the kernel's parallel scan finds them (from 6.12 on), so a name will not do as `root=`.
 */
export const rootPartition = 0xebf1ab50

const mebibyte = 2 ** 20

/**
 * Makes an ext4 disk image from a folder, everything in it owned by root, without being root.
 * The file is sparse: unused room takes no disk space.
 */
export async function makeDisk(folder: string, image: string, options: DiskOptions) {
  const { content, spare, partition } = options
  const size = Math.ceil(content + spare)
  const start = partition === undefined ? 0 : 1
  writeFileSync(image, '')
  truncateSync(image, (start + size) * mebibyte)
  // No journal and no reserved blocks: the disk is read-only or thrown away.
  const features = ['-m', '0', '-O', '^has_journal,^resize_inode']
  const extended = ['-E', `root_owner=0:0,offset=${start * mebibyte}`]
  const args = ['-q', '-t', 'ext4', '-d', folder, ...features, ...extended, image, `${size}M`]
  // As a normal user, fakeroot makes mke2fs see the files as root's.
  const env = { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  const root = process.getuid?.() === 0
  await command(root ? ['mke2fs', ...args] : ['fakeroot', '--', 'mke2fs', ...args], { env })
  if (partition !== undefined) writePartitionTable(image, partition, size)
}

/** A master boot record with one Linux partition that starts at 1 MiB. */
function writePartitionTable(image: string, signature: number, size: number): void {
  const sectorsPerMebibyte = mebibyte / 512
  const record = Buffer.alloc(512)
  record.writeUInt32LE(signature, 440)
  // "Beyond the cylinders": the sector numbers count.
  record.set([0x00, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff], 446)
  record.writeUInt32LE(sectorsPerMebibyte, 454)
  record.writeUInt32LE(size * sectorsPerMebibyte, 458)
  record.set([0x55, 0xaa], 510)
  const file = openSync(image, 'r+')
  writeSync(file, record, 0, record.length, 0)
  closeSync(file)
}

/** How much a folder holds, in MiB, with what ext4 needs around it. */
export async function sizeOf(folder: string): Promise<number> {
  const kib = Number.parseInt(await command(['du', '-sk', folder]), 10)
  return (kib / 1024) * 1.08 + 16
}
