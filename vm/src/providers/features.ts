import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Something that a kernel may lack although it has BPF. */
export interface Feature {
  readonly name: string
  /** The sections of programs that need it, as SEC() names them up to the first slash. */
  readonly sections: RegExp
  /** Labs leave out what needs it, and say so: that it is lacking keeps none of them from running. */
  readonly optional?: true
  /** Whether this kernel has it, found by looking, never by version. `root` is `/`, or a test's. */
  isThere(root: string): boolean
}

/** Whatever can be seen without loading a program. */
export const features: readonly Feature[] = [
  {
    name: 'kprobes',
    sections: /^(kprobe|kretprobe|ksyscall|kretsyscall)(\.|$)/,
    // The event source that perf_event_open(2) attaches them by, kernel/events/core.c.
    isThere: (root) => existsSync(join(root, 'sys/bus/event_source/devices/kprobe')),
  },
  {
    name: 'uprobes',
    sections: /^(uprobe|uretprobe|usdt)(\.|$)/,
    isThere: (root) => existsSync(join(root, 'sys/bus/event_source/devices/uprobe')),
  },
  {
    name: 'tracepoints',
    sections: /^(tp|tracepoint|raw_tp|raw_tracepoint|tp_btf)(\.|$)/,
    isThere: (root) => existsSync(join(root, 'sys/bus/event_source/devices/tracepoint')),
  },
  {
    name: 'BPF LSM',
    sections: /^lsm(\.|_cgroup|$)/,
    isThere: (root) =>
      readFileOr(join(root, 'sys/kernel/security/lsm'), '').trim().split(',').includes('bpf'),
  },
  {
    name: 'calls of BPF trampolines from kernel functions',
    optional: true,
    sections: /^(fentry|fexit|fmod_ret)(\.|$)/,
    // Compiled with CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS only, kernel/trace/ftrace.c; arm64 before 6.4 has none.
    isThere: (root) => hasFunction(root, 'register_ftrace_direct'),
  },
  {
    name: 'BPF iterators',
    optional: true,
    sections: /^iter(\.|$)/,
    isThere: (root) => hasFunction(root, 'bpf_iter_new_fd'),
  },
  {
    name: 'struct_ops',
    optional: true,
    sections: /^\.?struct_ops(\.|$)/,
    isThere: (root) => hasFunction(root, 'bpf_struct_ops_map_free'),
  },
]

/** What the BPF programs below a folder need: a feature, and the files that have such programs. */
export interface Need {
  readonly feature: Feature
  readonly sources: readonly string[]
}

/**
 * What a package cannot do without, or all that it could use: also what is optional, and programs in folders of their own, which run,
 * or do not, each for itself.
 */
export type Scope = 'required' | 'all'
const patterns = { required: '{,src/,test/,test/bpf/}*.bpf.c', all: '**/*.bpf.c' }

/** Reads from the sources what kernel features a package's programs need. */
export function needsOf(folder: string, scope: Scope = 'required'): Need[] {
  const sources = globSync(patterns[scope], { cwd: folder }).sort()
  const sections = new Map(sources.map((file) => [file, sectionsOf(join(folder, file))]))
  return features.flatMap((feature) => {
    if (feature.optional && scope === 'required') return []
    const needing = sources.filter((file) =>
      sections.get(file)?.some((section) => feature.sections.test(section)),
    )
    return needing.length > 0 ? { feature, sources: needing } : []
  })
}

/** Those of a package's needs that this kernel does not meet. */
export const unmetNeeds = (folder: string, root = '/', scope?: Scope): Need[] =>
  needsOf(folder, scope).filter(({ feature }) => !feature.isThere(root))

function sectionsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  // `?` in front keeps a program from being loaded unless asked for.
  return [...text.matchAll(/\bSEC\("\??([^"/]+)/g)].map(([, section = '']) => section)
}

/** Whether the kernel has a function of that name; /proc/kallsyms has lines such as `ffffffff8148 T bpf_iter_new_fd`. */
const hasFunction = (root: string, name: string): boolean =>
  new RegExp(`^\\S+ [Tt] ${name}$`, 'm').test(readFileOr(join(root, 'proc/kallsyms'), ''))

function readFileOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
