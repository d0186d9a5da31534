/** Loads programs that the verifier rejects, and says why: `rejected missing-null-check`. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hasCapability, runWithout } from './rejected/capabilities.ts'
import { type RejectedProgram, rejectedPrograms, verify } from './rejected/programs.ts'

const options = {
  fixed: { type: 'boolean', help: 'load the corrected program, its twin, instead' },
  log: { type: 'boolean', help: 'print the verifier’s log as it is' },
} as const

await loader('programs that the verifier rejects', options, (run) => {
  const all = rejectedPrograms()
  if (run.words.length === 0) {
    for (const { name, source, mistake, reasons } of all)
      run.event(`${dashed(name).padEnd(24)} ${mistake}`, { name, source, mistake, reasons })
    run.say('\nnpx nx start ch6-verifier -- rejected NAME shows what is wrong with one.')
    return
  }
  const programs = run.words.map((word) => find(all, word))
  const tooMighty = programs.filter(({ without }) => without && hasCapability(without))
  for (const { name, object, source } of programs.filter((one) => !tooMighty.includes(one))) {
    const program = run.options.fixed ? `${name}_fixed` : name
    const error = verify(object, program)
    if (!error) {
      run.event(`The verifier accepts ${program}.`, { program, accepted: true })
      continue
    }
    const { at, reason, summary, fix, id } = error.explanation ?? {}
    const { line, code } = at?.source ?? {}
    // Whatever loads the program would fail with this message.
    const text = run.options.log ? error.log : error.message
    run.event(programs.length > 1 ? `${text}\n` : text, {
      ...{ program, accepted: false, source, line, code, reason, id, summary, fix },
    })
  }
  const names = tooMighty.map(({ name }) => name)
  if (tooMighty[0]?.without) runWithout(tooMighty[0].without, names)
})

/** @throws UsageError that lists what there is */
function find(all: readonly RejectedProgram[], word: string): RejectedProgram {
  const found = all.find(({ name }) => name === word.replaceAll('-', '_'))
  if (found) return found
  const names = all.map(({ name }) => `  ${dashed(name)}`).join('\n')
  throw new UsageError(`There is no rejected program '${word}'. There are:\n${names}`)
}

function dashed(name: string): string {
  return name.replaceAll('_', '-')
}
