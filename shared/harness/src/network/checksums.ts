import { closeSync } from 'node:fs'
import koffi from 'koffi'
import * as libc from './libc.ts'
import { call } from './libc.ts'

const AF_INET = 2
const SOCK_DGRAM = 2
const SIOCETHTOOL = 0x8946 // linux/sockios.h
const ETHTOOL_STXCSUM = 0x17 // linux/ethtool.h
const IFREQ = 40 // bytes of struct ifreq, net/if.h

/**
 * Lets the sender compute the checksums of what leaves an interface of this namespace, as `ethtool -K DEVICE tx off` does. Virtual
 * interfaces hand over packets without them, and the receiver would take any packet for good.
 */
export function computeChecksums(device: string): void {
  // struct ifreq: the name, then a pointer; behind it struct ethtool_value. One buffer, which lives until the call is over.
  const request = Buffer.alloc(IFREQ + 8)
  request.write(device, 0, 15, 'latin1')
  const address = koffi.address(request.buffer) + BigInt(request.byteOffset)
  request.writeBigUInt64LE(address + BigInt(IFREQ), 16)
  request.writeUInt32LE(ETHTOOL_STXCSUM, IFREQ) // the other member, 0, switches it off
  const fd = call('make a socket', () => libc.socket(AF_INET, SOCK_DGRAM, 0))
  try {
    call(`switch checksum offload of ${device} off`, () => libc.ioctl(fd, SIOCETHTOOL, request))
  } finally {
    closeSync(fd)
  }
}
