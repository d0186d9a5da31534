import { existsSync, readlinkSync, rmSync, closeSync } from 'node:fs'
import { dirname } from 'node:path'
import { constants } from 'node:os'
import { BpfError } from '../errors/bpf-error.ts'
import { bindLibbpf } from '../ffi/libbpf.ts'

const objPin = bindLibbpf<(fd: number, path: string) => number>(
  'int bpf_obj_pin(int fd, const char *path)',
)
const objGet = bindLibbpf<(path: string, opts: Uint8Array) => number>(
  'int bpf_obj_get_opts(const char *path, const void *opts)',
)

const { EEXIST, ENOENT, EPERM, EACCES, EINVAL } = constants.errno
const BPFFS = 'Pin below a bpf file system: /sys/fs/bpf (mount -t bpf bpf /sys/fs/bpf).'

/**
 * Gives a map a name in a bpf file system, which keeps it alive after this process ends (BPF_OBJ_PIN).
 *
 * @throws {BpfError} if the path exists, its folder does not, or it is not in a bpf file system
 */
export function pinMap(fd: number, name: string, path: string): void {
  const errno = objPin(fd, path)
  if (errno === 0) return
  throw new BpfError({
    operation: 'pin map',
    subject: name,
    errno,
    problem: `at ${path}`,
    hint: pinHint(-errno, path),
  })
}

function pinHint(errno: number, path: string): string | undefined {
  if (errno === EEXIST) return 'Something is pinned there: unpin it or choose another path.'
  if (errno === ENOENT && !existsSync(dirname(path))) return `Create ${dirname(path)} first.`
  if (errno === EPERM || errno === EINVAL) {
    return path.includes('.')
      ? 'The bpf file system takes no dot in names, and nothing can be pinned outside of it.'
      : BPFFS
  }
  return undefined
}

/**
 * Removes a pin; the map itself lives on while anything refers to it.
 *
 * @throws {BpfError} if there is no such path
 */
export function unpinMap(name: string, path: string): void {
  try {
    rmSync(path)
  } catch (cause) {
    throw new BpfError({
      operation: 'unpin map',
      subject: name,
      problem: `nothing can be removed at ${path}`,
      hint: 'Look with: bpftool -f map list',
      cause,
    })
  }
}

/**
 * Opens what is pinned at a path and makes sure that it is a map (BPF_OBJ_GET).
 *
 * @returns a file descriptor that the caller owns
 * @throws {BpfError} if there is nothing, or a program or a link
 */
export function getPinnedMap(path: string, fileFlags: number): number {
  const fd = objGet(path, objGetOpts(fileFlags))
  if (fd < 0) {
    throw new BpfError({
      operation: 'open pinned map',
      subject: path,
      errno: fd,
      hint: getHint(-fd, path),
    })
  }
  const kind = readlinkSync(`/proc/self/fd/${fd}`)
  if (kind.includes('bpf-map')) return fd
  closeSync(fd)
  throw new BpfError({
    operation: 'open pinned map',
    subject: path,
    expected: 'a map',
    got: kind.replace(/^anon_inode:\[?bpf[-_]?(\w+)\]?$/, 'a BPF $1'),
    hint: 'Open it as what it is, or look with: bpftool -f map list',
  })
}

/** struct bpf_obj_get_opts: size_t sz, __u32 file_flags (bpf/bpf.h). */
function objGetOpts(fileFlags: number): Uint8Array {
  const opts = new Uint8Array(16)
  new BigUint64Array(opts.buffer)[0] = 16n
  new Uint32Array(opts.buffer)[2] = fileFlags
  return opts
}

function getHint(errno: number, path: string): string | undefined {
  if (errno === ENOENT) return 'Nothing is pinned there. Look with: bpftool -f map list'
  if (errno === EACCES || errno === EPERM || errno === EINVAL) {
    return existsSync(path) ? `Not a pin, or not yours to open. ${BPFFS}` : BPFFS
  }
  return undefined
}
