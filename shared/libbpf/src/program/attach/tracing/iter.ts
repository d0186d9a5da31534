import { cStruct, opts, u32, u64, word } from '../../../ffi/c-struct.ts'
import { bindLibbpf } from '../../../ffi/libbpf.ts'
import type { Pointer } from '../../../ffi/library.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import type { Link } from '../../../link/link.ts'
import { attach } from '../attempt.ts'
import type { Attachable } from '../attempt.ts'

const bpf_program__attach_iter = bindLibbpf<(program: bigint, opts: Uint8Array | null) => Pointer>(
  'void *bpf_program__attach_iter(const void *, const void *)',
)

/** In which order a cgroup iterator walks (enum bpf_cgroup_iter_order). */
const ORDERS = ['', 'self', 'descendants-pre', 'descendants-post', 'ancestors-up'] as const

/** What an iterator goes through, where that has to be said. */
export interface IterOptions {
  /** The map of an `iter/bpf_map_elem` program. */
  map?: { readonly fd: number }
  /** Where an `iter/cgroup` program starts, and how it walks (Linux 6.1). */
  cgroup?: { order: Exclude<(typeof ORDERS)[number], ''>; id?: bigint; fd?: number }
  /** The thread, process or pidfd of an `iter/task*` program; all tasks if not given (Linux 6.1). */
  task?: { tid: number } | { pid: number } | { pidfd: number }
}

/** Attaches an iterator; `link.read()`, `link.text()` and `link.lines()` run it. */
export function attachIter(program: Attachable, options: IterOptions = {}): Link {
  const info = linkInfo(program, options)
  // bpf/libbpf.h, struct bpf_iter_attach_opts
  const iterOpts = opts(24, [
    [word(8), info],
    [u32(16), info?.length],
  ])
  return attach(program, {
    hook: 'iterator',
    types: ['tracing'],
    call: (native) => bpf_program__attach_iter(native, info ? iterOpts : null),
    explain: (code) =>
      code === 'EINVAL' || code === 'EBADF'
        ? { hint: 'An iter/bpf_map_elem program needs { map }; other iterators take no map.' }
        : undefined,
  })
}

/** linux/bpf.h, union bpf_iter_link_info */
function linkInfo(program: Attachable, { map, cgroup, task }: IterOptions): Uint8Array | undefined {
  const given = [map, cgroup, task].filter((option) => option !== undefined)
  if (given.length > 1) {
    throw new BpfError({
      operation: 'attach program',
      subject: program.name,
      target: 'to iterator',
      expected: 'one of map, cgroup and task',
      got: `${given.length} of them`,
    })
  }
  if (map) return cStruct(16, [[u32(0), map.fd]])
  if (cgroup) {
    return cStruct(16, [
      [u32(0), ORDERS.indexOf(cgroup.order)],
      [u32(4), cgroup.fd],
      [u64(8), cgroup.id],
    ])
  }
  if (!task) return undefined
  return cStruct(16, [
    [u32(0), 'tid' in task ? task.tid : 0],
    [u32(4), 'pid' in task ? task.pid : 0],
    [u32(8), 'pidfd' in task ? task.pidfd : 0],
  ])
}
