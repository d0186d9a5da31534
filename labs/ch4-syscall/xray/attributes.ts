import type { TimelineEntry } from '@ebpf-labs/harness/timeline'

type Value = TimelineEntry['attributes'][string]

/** Kinds of what descriptors stand for, by what /proc/PID/fd calls them. */
const kinds: Record<string, string> = {
  'anon_inode:bpf-map': 'map',
  'anon_inode:bpf-prog': 'program',
  'anon_inode:btf': 'BTF',
  'anon_inode:bpf_link': 'link',
  'anon_inode:bpf-link': 'link',
  'anon_inode:[perf_event]': 'perf event',
}

/** Attributes as strace shows them that say nothing: 0, which is the first of all attach types, and what no kernel since 5.0 looks at. */
const NOTHING =
  /^(?:expected_attach_type=BPF_CGROUP_INET_INGRESS|netns_dev=makedev\(0, 0\)|kern_version=.*)$/

/** The attributes of a call, each as `name=value`; parts of a struct are told by their own names. */
export function formatAttributes({ call, attributes }: TimelineEntry): string[] {
  // Of other calls, the sentence says it all.
  if (
    call === 'execve' ||
    call === 'close' ||
    Object.keys(attributes).some((name) => /^arg\d$/.test(name))
  )
    return []
  return Object.entries(attributes)
    .flatMap(([name, value]) => formatAttribute(name, value))
    .filter((text) => !NOTHING.test(text))
}

function formatAttribute(name: string, value: Value): string[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { fd, path } = 'fd' in value ? value : {}
    if (typeof path === 'string') return [`${name}=${formatDescriptor(Number(fd), path)}`]
    return Object.entries(value).flatMap(([inner, part]) => formatAttribute(inner, part))
  }
  return [`${name}=${formatValue(value)}`]
}

function formatDescriptor(fd: number, path: string): string {
  const kind = kinds[path]
  return kind === undefined ? String(fd) : `${fd} (${kind})`
}

function formatValue(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) return '{...}'
  // Addresses and negative numbers that strace takes for large ones.
  if ((typeof value === 'number' || typeof value === 'bigint') && value > 0xffff_ffff)
    return `0x${value.toString(16)}`
  const text = String(value)
  // oxlint-disable-next-line no-control-regex -- such letters are what is looked for
  if (/[^\x20-\x7e]/.test(text))
    return `(${text.length}${text.length === SHOWN ? ' or more' : ''} bytes)`
  return typeof value === 'string' && !/^[A-Z][\w|<]*$|^\w+\(.*\)$|^\[\d+ items\]$/.test(text)
    ? `"${text}"`
    : text
}

/** Bytes of a text that strace shows. */
const SHOWN = 256
