import type { Pin } from './apt.ts'

/** The Debian release that the machine's programs come from, whatever its kernel. */
export const suite = 'trixie'

/** libbpf 1.7 and its bpftool: newer than the suite's own, and all they need is in the suite. */
export const pin: Pin = { suite: 'forky', packages: ['libbpf*', 'bpftool'] }
