import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import koffi from 'koffi'

const libc = koffi.load('libc.so.6')

export const socket = libc.func('int socket(int domain, int type, int protocol)')
export const bind = libc.func('int bind(int fd, const void *address, unsigned int size)')
export const listen = libc.func('int listen(int fd, int backlog)')
export const connect = libc.func('int connect(int fd, const void *address, unsigned int size)')
export const accept4 = libc.func('int accept4(int fd, void *address, void *size, int flags)')
export const getsockname = libc.func('int getsockname(int fd, void *address, void *size)')
export const getpeername = libc.func('int getpeername(int fd, void *address, void *size)')
export const sendto = libc.func(
  'long sendto(int fd, const void *data, size_t size, int flags, const void *to, unsigned int length)',
)
export const recvfrom = libc.func(
  'long recvfrom(int fd, void *data, size_t size, int flags, void *from, void *length)',
)
export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int name, const void *value, unsigned int size)',
)
export const getsockopt = libc.func(
  'int getsockopt(int fd, int level, int name, void *value, void *size)',
)
export const poll = libc.func('int poll(void *fds, unsigned long count, int milliseconds)')
export const ioctl = libc.func('int ioctl(int fd, unsigned long request, void *argument)')

/** A system call that failed: `cannot send to 10.77.0.2:9: operation not permitted (EPERM)`. */
export class SystemCallError extends Error {
  override name = 'SystemCallError'
  /** `EPERM` */
  readonly code: string

  constructor(what: string, errno: number) {
    const code = getSystemErrorName(-errno)
    super(`cannot ${what}: ${getSystemErrorMessage(-errno)} (${code})`)
    this.code = code
  }
}

/**
 * Makes a call, again if a signal interrupts it.
 * @param what for the error: `send to 10.77.0.2:9`
 * @throws SystemCallError
 */
export function call(what: string, syscall: () => unknown): number {
  for (;;) {
    const result = Number(syscall())
    if (result >= 0) return result
    const error = new SystemCallError(what, koffi.errno())
    if (error.code !== 'EINTR') throw error
  }
}
