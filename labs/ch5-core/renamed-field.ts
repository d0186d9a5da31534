/** Reads a field that has had two names, one of them on no kernel of today. */
import { loader } from '@ebpf-labs/harness/loader'
import { renamed_field } from './build/renamed-field.skel.ts'

const options = {
  'old-name': { type: 'boolean', help: 'ask for the old name alone' },
} as const

await loader('when this process started', options, (run) => {
  const program = run.options['old-name'] ? 'old_name' : 'both_names'
  using spec = renamed_field.open()
  for (const [name, one] of Object.entries(spec.programs)) one.autoload = name === program
  spec.data.rodata.target_pid = process.pid
  using skel = spec.load()
  using _link = skel.programs[program].attach()
  process.kill(process.pid, 0) // sends nothing: it only asks whether it could
  const { started } = skel.data.bss
  run.event(`This process started ${Number(started / 1_000_000n) / 1000} s after the kernel.`, {
    program,
    started,
  })
})
