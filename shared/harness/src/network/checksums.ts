import { closeSync } from 'node:fs'
import koffi from 'koffi'
import * as libc from './libc.ts'
import { call } from './libc.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const SIOCETHTOOL = 0x8946 // linux/sockios.h
const ETHTOOL_STXCSUM = 0x17 // linux/ethtool.h

/**
 * Lets the sender compute the checksums of what leaves an interface of this namespace, as `ethtool -K DEVICE tx off` does. Virtual
 * interfaces hand over packets without them, and the receiver would take any packet for good.
 */
export function computeChecksums(device: string): void {
  const value = Uint32Array.of(ETHTOOL_STXCSUM, 0) // struct ethtool_value
  const request = Buffer.alloc(40) // struct ifreq: the name, then a pointer
  request.write(device, 0, 15, 'latin1')
  request.writeBigUInt64LE(koffi.address(value.buffer), 16)
  const fd = call('make a socket', () => libc.socket(AF_INET, SOCK_DGRAM, 0))
  try {
    call(`switch checksum offload of ${device} off`, () => libc.ioctl(fd, SIOCETHTOOL, request))
  } finally {
    closeSync(fd)
  }
}
