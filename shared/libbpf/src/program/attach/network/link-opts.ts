import { opts, u32, u64 } from '../../../ffi/c-struct.ts'
import type { Field, FieldValue } from '../../../ffi/c-struct.ts'
import { libbpfAtLeast, libbpfVersion } from '../../../ffi/libbpf.ts'
import { UnsupportedError } from '../../../errors/unsupported-error.ts'
import { BpfError } from '../../../errors/bpf-error.ts'
import { Link } from '../../../link/link.ts'
import { ATTACH_TYPES } from '../../attach-types.ts'
import type { AttachType } from '../../attach-types.ts'

/** Number of an attach type. */
export function attachTypeNumber(type: AttachType): number {
  return ATTACH_TYPES.indexOf(type)
}

// bpf/bpf.h, struct bpf_link_create_opts
const SIZE = 80
const flags = u32(8)
const relative_fd = u32(32)
const expected_revision = u64(40)

/** `struct bpf_link_create_opts` with these flags. */
export function linkOpts(
  value: number | undefined,
  more: readonly (readonly [Field, FieldValue])[] = [],
): Uint8Array {
  return opts(SIZE, [[flags, value], ...more])
}

/** A program or link that is attached to the same hook. */
export type Neighbour = Link | { readonly fd: number }

/** Where among the programs of a hook this one goes; last if not given. */
export interface OrderOptions {
  /** Before this one, or before all. */
  before?: Neighbour | 'all'
  /** After this one, or after all. */
  after?: Neighbour | 'all'
  /** Fails unless the hook's list of programs is still at this revision (`BPF_PROG_QUERY`). */
  expectedRevision?: bigint
}

const BPF_F_BEFORE = 1 << 3
const BPF_F_AFTER = 1 << 4
const BPF_F_LINK = 1 << 13

/**
 * `struct bpf_link_create_opts` for a hook whose programs have an order: tcx, netkit, cgroups.
 * @param since libbpf that takes an order for this kind of link
 */
export function orderOpts(
  options: OrderOptions,
  subject: string,
  since: string,
): Uint8Array | null {
  const { before, after, expectedRevision } = options
  if (before === undefined && after === undefined && expectedRevision === undefined) return null
  if (!libbpfAtLeast(since)) {
    throw new UnsupportedError({
      feature: 'an order among programs',
      needs: { libbpf: since },
      operation: 'attach program',
      subject,
      have: `libbpf ${libbpfVersion().text}`,
    })
  }
  if (before !== undefined && after !== undefined) {
    throw new BpfError({
      operation: 'attach program',
      subject,
      expected: 'either before or after',
      got: 'both',
    })
  }
  const neighbour = before ?? after
  const side = before === undefined ? (after === undefined ? 0 : BPF_F_AFTER) : BPF_F_BEFORE
  if (neighbour === undefined || neighbour === 'all') {
    return linkOpts(side, [[expected_revision, expectedRevision]])
  }
  return linkOpts(side | (neighbour instanceof Link ? BPF_F_LINK : 0), [
    [relative_fd, neighbour.fd],
    [expected_revision, expectedRevision],
  ])
}
