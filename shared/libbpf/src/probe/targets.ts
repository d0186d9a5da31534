import { existsSync, readFileSync } from 'node:fs'
import type { AttachKind } from './attach-kinds.ts'
import { hasKernelBtf, kernelFunction, rawTracepoint } from './kernel-btf.ts'

/** What a section name asks for beyond the program's type. */
export interface SectionNeeds {
  /** The way to attach, if it is one that kernels may lack. */
  readonly kind?: AttachKind
  /** Why its target is not there; undefined if it is, or if the section names none. */
  readonly missing?: string
}

type FindMissing = (target: string) => string | undefined

/** First part of section names → how it attaches, and whether the target exists (libbpf.c, section_defs). */
const SECTIONS: Readonly<Record<string, readonly [AttachKind, FindMissing?]>> = {
  kprobe: ['kprobe', symbol],
  kretprobe: ['kprobe', symbol],
  ksyscall: ['kprobe'],
  kretsyscall: ['kprobe'],
  'kprobe.multi': ['kprobe_multi'],
  'kretprobe.multi': ['kprobe_multi'],
  'kprobe.session': ['kprobe_session'],
  uprobe: ['uprobe', file],
  uretprobe: ['uprobe', file],
  usdt: ['uprobe', file],
  'uprobe.multi': ['uprobe_multi', file],
  'uretprobe.multi': ['uprobe_multi', file],
  'uprobe.session': ['uprobe_session', file],
  tracepoint: ['tracepoint', event],
  tp: ['tracepoint', event],
  raw_tracepoint: ['raw_tracepoint', raw],
  raw_tp: ['raw_tracepoint', raw],
  tp_btf: ['tp_btf', raw],
  fentry: ['fentry', btfFunction],
  fexit: ['fexit', btfFunction],
  fmod_ret: ['fmod_ret', btfFunction],
  lsm: ['lsm', (hook) => btfFunction(`bpf_lsm_${hook}`)],
  lsm_cgroup: ['lsm_cgroup', (hook) => btfFunction(`bpf_lsm_${hook}`)],
  iter: ['iter', (target) => btfFunction(`bpf_iter_${target}`)],
  perf_event: ['perf_event'],
  tcx: ['tcx'],
  netkit: ['netkit'],
  netfilter: ['netfilter'],
  sk_lookup: ['netns_link'],
}

/** What the section of a program asks of the kernel: `fentry.s/do_unlinkat` needs fentry and that function. */
export function sectionNeeds(section: string): SectionNeeds {
  const [prefix = '', ...rest] = section.replace(/^\?/, '').split('/')
  const entry = SECTIONS[prefix] ?? SECTIONS[prefix.replace(/\.[swf]\w*$/, '')]
  if (!entry) return {}
  const [kind, find] = entry
  const target = rest.join('/')
  const missing = target === '' ? undefined : find?.(target)
  return { kind, ...(missing === undefined ? {} : { missing }) }
}

let symbols: ReadonlySet<string> | undefined

function symbol(target: string): string | undefined {
  const name = target.replace(/\+.*$/, '')
  // BTF is read anyway, and the kernel takes long to print its symbols.
  if (kernelFunction(name) !== undefined) return undefined
  symbols ??= new Set(
    [...readFileSync('/proc/kallsyms', 'latin1').matchAll(/^\S+ [tTwW] (\S+)/gm)].map(
      ([, found = '']) => found,
    ),
  )
  return symbols.has(name) ? undefined : `the kernel has no function ${name}`
}

function file(target: string): string | undefined {
  const path = target.split(':')[0] ?? ''
  if (path === '') return undefined
  // A name without a folder is looked for in the library and command paths by libbpf.
  return !path.includes('/') || existsSync(`/${path.replace(/^\//, '')}`)
    ? undefined
    : `there is no file /${path.replace(/^\//, '')}`
}

function event(target: string): string | undefined {
  const folders = ['/sys/kernel/tracing/events', '/sys/kernel/debug/tracing/events']
  const mounted = folders.find((path) => existsSync(path))
  if (mounted === undefined || existsSync(`${mounted}/${target}/id`)) return undefined
  return `the kernel has no tracepoint ${target}`
}

function raw(name: string): string | undefined {
  if (!hasKernelBtf() || rawTracepoint(name) !== undefined) return undefined
  return `the kernel has no tracepoint ${name}`
}

function btfFunction(name: string): string | undefined {
  if (!hasKernelBtf()) return 'the kernel has no BTF (CONFIG_DEBUG_INFO_BTF=y)'
  return kernelFunction(name) === undefined ? `the kernel has no function ${name}` : undefined
}
