import { closeSync, existsSync, readlinkSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { BpfError } from '../../errors/bpf-error.ts'
import { errnoCode } from '../../errors/errno.ts'
import { bindLibbpf } from '../../ffi/libbpf.ts'
import { permissionHint } from '../../raw/hints.ts'

const bpf_obj_pin = bindLibbpf<(fd: number, path: string) => number>(
  'int bpf_obj_pin(int, const char *)',
)
const bpf_obj_get = bindLibbpf<(path: string) => number>('int bpf_obj_get(const char *)')

/** What of an object's parts is pinned here; maps pin themselves. */
export type Pinnable = 'program' | 'link'

const BPFFS =
  'Pins live in a BPF file system: /sys/fs/bpf (mount -t bpf bpf /sys/fs/bpf if it is empty).'

/**
 * Gives a program or link a name in a BPF file system, which keeps it alive after this process ends.
 * @throws {BpfError} if the path is taken, its folder is missing or is not in a BPF file system
 */
export function pin(kind: Pinnable, fd: number, name: string, path: string): void {
  const errno = bpf_obj_pin(fd, path)
  if (errno >= 0) return
  const target = `at ${path}`
  throw new BpfError({
    operation: `pin ${kind}`,
    subject: name,
    target,
    errno,
    hint: pinHint(errno, path),
  })
}

function pinHint(errno: number, path: string): string | undefined {
  switch (errnoCode(errno)) {
    case 'EEXIST':
      return 'Something is pinned there: unpin it, or choose another path.'
    case 'ENOENT':
      return existsSync(dirname(path)) ? BPFFS : `Create the folder ${dirname(path)} first.`
    case 'EINVAL':
      return BPFFS
    case 'EPERM':
      return path.slice(path.lastIndexOf('/')).includes('.')
        ? 'The BPF file system takes no dot in names.'
        : existsSync(dirname(path))
          ? BPFFS
          : permissionHint()
    default:
      return undefined
  }
}

/**
 * Removes a pin; what was pinned lives on while anything refers to it.
 * @throws {BpfError} if nothing is there
 */
export function unpin(kind: Pinnable, name: string, path: string): void {
  try {
    rmSync(path)
  } catch (cause) {
    throw new BpfError({
      operation: `unpin ${kind}`,
      subject: name,
      target: `from ${path}`,
      problem: 'nothing can be removed there',
      hint: 'Look with: ls /sys/fs/bpf',
      cause,
    })
  }
}

/**
 * Opens a pin and makes sure that it is what it should be.
 * @returns a file descriptor that the caller owns
 */
export function openPinned(kind: Pinnable, path: string): number {
  const operation = `open pinned ${kind}`
  const fd = bpf_obj_get(path)
  if (fd < 0) {
    throw new BpfError({ operation, subject: path, errno: fd, hint: openHint(fd, path) })
  }
  const got = kindOf(fd)
  if (got === kind) return fd
  closeSync(fd)
  throw new BpfError({
    operation,
    subject: path,
    expected: `a ${kind}`,
    got: `a ${got}`,
    hint: 'Open it as what it is.',
  })
}

/** `anon_inode:bpf-prog`, `anon_inode:bpf-map`, `anon_inode:bpf-link` or, on some kernels, `bpf_link` */
function kindOf(fd: number): string {
  const inode = readlinkSync(`/proc/self/fd/${fd}`)
  const [, kind] = /bpf[-_](prog|map|link)/.exec(inode) ?? []
  return kind === 'prog' ? 'program' : (kind ?? inode)
}

function openHint(errno: number, path: string): string | undefined {
  switch (errnoCode(errno)) {
    case 'ENOENT':
      return 'Nothing is pinned there. Look with: ls /sys/fs/bpf'
    case 'EACCES':
      return existsSync(path) ? `It is not a pin, or not yours to open. ${BPFFS}` : BPFFS
    case 'EPERM':
      return permissionHint()
    case 'EINVAL':
      return BPFFS
    default:
      return undefined
  }
}
