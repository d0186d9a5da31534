/** Shows which instructions libbpf patches for this kernel, and what programs read with and without that. */
import { globSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { type Program, coreRelocations, probeHelper, relocatedValue } from '@ebpf-labs/libbpf'
import { relocations } from './build/relocations.skel.ts'

const options = {
  elsewhere: { type: 'boolean', help: 'take the object that was compiled for another kernel' },
} as const

await loader('instructions that depend on the kernel', options, (run) => {
  const file = `build/${run.options.elsewhere ? 'elsewhere' : 'relocations'}.bpf.o`
  const object = new URL(file, import.meta.url)
  const other = otherKernel()
  using here = load(object)
  const parents = parentsOf(here)
  using there = run.options.elsewhere ? undefined : load(object, other.btf)
  const loaded = there ? [here, there] : [here]

  run.say(`${file}: what clang wrote, and what libbpf made of it`)
  run.say(
    `${'PROGRAM'.padEnd(14)}INSN  ${'FIELD'.padEnd(31)}FILE  HERE  ${there ? other.kernel : ''}`.trimEnd(),
  )
  for (const { program, slot, kind, target, value } of coreRelocations(readFileSync(object))) {
    const [after, elsewhere] = loaded.map(({ programs }) => {
      const one: Program | undefined = Object.entries(programs).find(([n]) => n === program)?.[1]
      return one ? relocatedValue(one.instructions, slot) : null
    })
    const columns = there ? [value, after, elsewhere] : [value, after]
    const numbers = columns.map((n) => String(n ?? '-').padStart(4)).join('  ')
    run.event(`${program.padEnd(12)}${String(slot).padStart(6)}  ${target.padEnd(31)}${numbers}`, {
      ...{ program, instruction: slot, kind, field: target, file: value },
      ...{ here: after, ...(there && { elsewhere }) },
    })
  }

  run.say(`\nThe parent of this process is ${process.ppid}. On ${release()} they read`)
  for (const [program, parent] of Object.entries(parents))
    run.event(`${program.padEnd(14)}${parent}`, { program, parent })
})

/** Loads it for this process, with the program of newer kernels where it can be. */
function load(object: URL, btf?: string) {
  using spec = relocations.open({ object, ...(btf !== undefined && { btf }) })
  spec.data.rodata.target_pid = process.pid
  // by_pointers with another kernel's offsets is not for the verifier: it knows this one's types.
  spec.programs.by_pointers.autoload =
    btf === undefined && probeHelper('kprobe', 'get_current_task_btf')
  for (const program of Object.values(spec.programs)) program.autoattach = btf === undefined
  return spec.load()
}

/** Attaches the programs, has this process call kill, and returns what each found. */
function parentsOf(skel: ReturnType<typeof load>): Record<string, number> {
  using links = skel.attach()
  process.kill(process.pid, 0) // sends nothing: it only asks whether it could
  return Object.fromEntries([...links].map(([name]) => [name, skel.data.bss[`parent_${name}`]]))
}

/** @throws UsageError when the lab was not built as its nx targets do */
function otherKernel(): { btf: string; kernel: string } {
  const [btf] = globSync('build/elsewhere/linux-*.btf', { cwd: import.meta.dirname })
  if (btf === undefined)
    throw new UsageError('build/elsewhere is empty: run npx nx kernel-btf ch5-core.')
  const [, kernel = ''] = /linux-(.*)\.btf$/.exec(btf) ?? []
  return { btf: new URL(btf, import.meta.url).pathname, kernel }
}
