/** Compiles the BPF programs of the package in the current folder: the `bpf` target of nx. */
import '../../../vm/src/host/colours.ts'
import { relative } from 'node:path'
import { HostError } from '../../../vm/src/errors.ts'
import { compilePackage } from '../src/lab/compile.ts'
import { workspace } from '../src/lab/place.ts'

const started = performance.now()
try {
  const { sources, failures } = await compilePackage(process.cwd())
  for (const { message } of failures) console.error(`${message}\n`)
  const where = relative(workspace, process.cwd())
  if (failures.length > 0) {
    const names = failures.map(({ source }) => source).join(', ')
    console.error(`${where}: ${failures.length} of ${sources.length} did not compile: ${names}`)
    process.exitCode = 1
  } else {
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`${where}: ${sources.length} compiled in ${seconds} s`)
  }
} catch (error) {
  if (!(error instanceof HostError)) throw error
  console.error(error.message)
  process.exitCode = error.exitCode
}
