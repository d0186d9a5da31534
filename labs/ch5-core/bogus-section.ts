/** Loads a program whose section says nothing to libbpf, and attaches it by hand. */
import { loader } from '@ebpf-labs/harness/loader'
import { bogus_section } from './build/bogus-section.skel.ts'

const options = {
  misspelt: { type: 'boolean', help: 'take the one in SEC("ksycall/kill") instead' },
  explicit: { type: 'boolean', help: 'set its type, and name the hook' },
} as const

await loader('a section that libbpf does not know', options, (run) => {
  const program = run.options.misspelt ? 'misspelt' : 'bogus'
  using spec = bogus_section.open()
  spec.programs[program].autoload = true
  if (run.options.explicit) spec.programs[program].type = 'kprobe'
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  using _link = skel.programs[program].attachKsyscall('kill')
  for (let n = 0; n < 23; n++) process.kill(process.pid, 0) // sends nothing
  run.event(`kill was called ${skel.data.bss.calls} times`, { program, calls: skel.data.bss.calls })
})
