/** Counts how often a hook is hit, wherever you say: `count fentry vfs_read`. */
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { nearest } from '@ebpf-labs/harness/nearest'
import type { Link, Program } from '@ebpf-labs/libbpf'
import { count } from './build/count.skel.ts'

/** What must be said after the hook's name, and how its program is attached there. */
const hooks = {
  kprobe: { where: 'FUNCTION', attach: (program, name) => program.attachKprobe(name) },
  fentry: { where: 'FUNCTION', attach: byTarget },
  fexit: { where: 'FUNCTION', attach: byTarget },
  tracepoint: { where: 'CATEGORY/NAME', attach: byCategory },
  raw_tp: { where: 'TRACEPOINT', attach: (program, name) => program.attachRawTracepoint(name) },
  tp_btf: { where: 'TRACEPOINT', attach: byTarget },
  xdp: { where: 'INTERFACE', attach: (program, device) => program.attachXdp(device) },
  cgroup_skb: { where: 'FOLDER', attach: (program, folder) => program.attachCgroup(folder) },
} as const satisfies Record<string, { where: string; attach: Attach }>

type Attach = (program: Program, where: string) => Link
type HookName = keyof typeof hooks
const isHook = (word: string): word is HookName => word in hooks

await loader('how often a hook is hit: `count fentry vfs_read`', {}, async (run) => {
  const [name = '', where] = run.words
  if (!isHook(name)) throw noSuchHook(name)
  if (where === undefined || run.words.length > 2) throw usage(name)

  using spec = count.open()
  spec.programs[name].autoload = true
  if (hooks[name].attach === byTarget) spec.programs[name].setAttachTarget(where)
  using skel = spec.load()
  using link = hooks[name].attach(skel.programs[name], where)
  run.say(`Counting ${name} ${where}, once a second. Ctrl-C stops.\n`)
  for (let before = 0n; !run.signal.aborted;) {
    await delay(1000, undefined, { signal: run.signal })
    const { hits } = skel.data.bss
    run.event(`${hits - before} hits, ${hits} in all`, { hits: hits - before, all: hits })
    before = hits
  }
})

/** Where a fentry, fexit or tp_btf program goes is a matter of loading it: the verifier checks it against its target. */
function byTarget(program: Program): Link {
  return program.attachTrace()
}

function byCategory(program: Program, where: string): Link {
  const [category = '', name] = where.split('/')
  if (name === undefined) throw usage('tracepoint')
  return program.attachTracepoint(category, name)
}

function usage(hook: HookName): UsageError {
  const { where } = hooks[hook]
  return new UsageError(`say where: npx nx start ch7-types -- count ${hook} ${where}`)
}

function noSuchHook(word: string): UsageError {
  const meant = nearest(word, Object.keys(hooks))
  const rows = Object.entries(hooks).map(([name, { where }]) => `  count ${name} ${where}`)
  const first = word === '' ? 'say which hook' : `count does not know '${word}'`
  const hint = meant === undefined || word === '' ? '' : ` Did you mean '${meant}'?`
  return new UsageError([`${first}.${hint}`, ...rows].join('\n'))
}
