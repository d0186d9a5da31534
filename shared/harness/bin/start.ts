/** Runs a loader of the lab in the current folder in the machine: the `start` target of nx. */
import '../../../vm/src/host/colours.ts'
import { basename } from 'node:path'
import { checkTypes } from '../src/lab/check-types.ts'
import { choose } from '../src/lab/choose.ts'
import { loadersOf } from '../src/lab/loaders.ts'
import { inPlace } from '../src/lab/place.ts'
import { typedWords } from '../src/lab/typed-words.ts'
import { runNode } from '../src/lab/run-in-machine.ts'

const lab = process.cwd()
const words = process.argv.slice(2)
// A target of another name than `start` is a loader's, whose name its command has already.
const fixed = words.slice(
  0,
  ['start', undefined].includes(process.env['NX_TASK_TARGET_TARGET']) ? 0 : 1,
)
const typed = typedWords(words.slice(fixed.length))
const choice = choose(basename(lab), loadersOf(lab), [...fixed, ...typed])
if (choice.do === 'run') {
  using _check = inPlace() ? undefined : checkTypes(lab)
  process.exitCode = await runNode([choice.loader.file, ...choice.args])
} else if (choice.do === 'list') {
  console.log(choice.text)
} else {
  console.error(choice.text)
  process.exitCode = 2
}
