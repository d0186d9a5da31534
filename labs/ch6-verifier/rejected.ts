/** Loads a program that the verifier rejects, and says why: `rejected missing-null-check`. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hasCapability, runWithout } from './rejected/capabilities.ts'
import { type RejectedProgram, rejectedPrograms, verify } from './rejected/programs.ts'

const options = {
  fixed: { type: 'boolean', help: 'load the corrected program, its twin, instead' },
  log: { type: 'boolean', help: 'print the verifier’s log as it is' },
} as const

await loader('programs that the verifier rejects', options, (run) => {
  const all = rejectedPrograms()
  const [word] = run.words
  if (word === undefined) {
    for (const { name, source, mistake, reasons } of all)
      run.event(`${dashed(name).padEnd(24)} ${mistake}`, { name, source, mistake, reasons })
    run.say('\nnpx nx start ch6-verifier -- rejected NAME shows what the verifier says of one.')
    return
  }
  const program = find(all, word)
  if (program.without && hasCapability(program.without)) return runWithout(program.without)
  const name = run.options.fixed ? `${program.name}_fixed` : program.name
  const error = verify(program.object, name)
  if (!error) {
    run.event(`The verifier accepts ${name}.`, { program: name, accepted: true })
    return
  }
  const { at, reason, summary, fix, id } = error.explanation ?? {}
  // The error says in its message all that one needs to know: any loader would show the same.
  run.event(run.options.log ? error.log : error.message, {
    ...{ program: name, accepted: false, source: program.source, line: at?.source?.line },
    ...{ code: at?.source?.code, reason, id, summary, fix },
  })
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
