const { pid } = process

/** An address of this computer itself that no other process uses, so that the ports of the programs here are free. */
export const address = `127.${64 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`
