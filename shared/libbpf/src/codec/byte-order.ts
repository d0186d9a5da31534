import { endianness } from 'node:os'

/** Whether this machine stores the low byte first; the kernel and its BPF programs do the same. */
export const hostIsLittleEndian: boolean = endianness() === 'LE'
