import { closeSync, existsSync, readlinkSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { BpfError } from '../errors/bpf-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'
import { permissionHint } from './hints.ts'

const bpf_obj_pin = bindLibbpf<(fd: number, path: string) => number>(
  'int bpf_obj_pin(int, const char *)',
)
const bpf_obj_get_opts = bindLibbpf<(path: string, opts: Uint8Array) => number>(
  'int bpf_obj_get_opts(const char *, const void *)',
)

/** What can be pinned, and what bpftool calls it. */
const PINNABLE = { map: 'map', program: 'prog', link: 'link' } as const

/** What can be pinned. */
export type Pinnable = keyof typeof PINNABLE

const BPFFS =
  'Pins live in a BPF file system: /sys/fs/bpf (mount -t bpf bpf /sys/fs/bpf if it is empty).'

const look = (kind: Pinnable): string => `Look with: bpftool -f ${PINNABLE[kind]} list`

/**
 * Gives a map, program or link a name in a BPF file system, which keeps it alive after this process ends (BPF_OBJ_PIN).
 *
 * @throws {BpfError} if the path is taken, its folder is missing or is not in a BPF file system
 */
export function pin(kind: Pinnable, fd: number, name: string, path: string): void {
  const errno = bpf_obj_pin(fd, path)
  if (errno >= 0) return
  throw new BpfError({
    operation: `pin ${kind}`,
    subject: name,
    target: `at ${path}`,
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
        ? `The BPF file system takes no dot in names. ${BPFFS}`
        : existsSync(dirname(path))
          ? BPFFS
          : permissionHint()
    default:
      return undefined
  }
}

/**
 * Removes a pin; what was pinned lives on while anything refers to it.
 *
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
      hint: look(kind),
      cause,
    })
  }
}

/**
 * Opens a pin and makes sure that it is what it should be (BPF_OBJ_GET).
 *
 * @param fileFlags BPF_F_RDONLY or BPF_F_WRONLY, for maps
 * @returns a file descriptor that the caller owns
 * @throws {BpfError} if there is nothing, or something of another kind
 */
export function openPinned(kind: Pinnable, path: string, fileFlags = 0): number {
  const operation = `open pinned ${kind}`
  const fd = bpf_obj_get_opts(path, objGetOpts(fileFlags))
  if (fd < 0) {
    throw new BpfError({ operation, subject: path, errno: fd, hint: openHint(kind, fd, path) })
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

/** struct bpf_obj_get_opts: size_t sz, __u32 file_flags (bpf/bpf.h). */
function objGetOpts(fileFlags: number): Uint8Array {
  const opts = new Uint8Array(16)
  new BigUint64Array(opts.buffer)[0] = 16n
  new Uint32Array(opts.buffer)[2] = fileFlags
  return opts
}

/** `anon_inode:bpf-prog`, `anon_inode:bpf-map`, `anon_inode:bpf-link` or, on some kernels, `bpf_link` */
function kindOf(fd: number): string {
  const inode = readlinkSync(`/proc/self/fd/${fd}`)
  const [, kind] = /bpf[-_](prog|map|link)/.exec(inode) ?? []
  return kind === 'prog' ? 'program' : (kind ?? inode)
}

function openHint(kind: Pinnable, errno: number, path: string): string | undefined {
  const code = errnoCode(errno)
  if (code === 'ENOENT') return `Nothing is pinned there. ${look(kind)}`
  if (code === 'EACCES' || code === 'EINVAL') {
    return existsSync(path) ? `It is not a pin, or not yours to open. ${BPFFS}` : BPFFS
  }
  if (code === 'EPERM') return permissionHint()
  return undefined
}
