/** Prints the error that loading an object throws: OBJECT [PROGRAM to load that is not loaded by itself]. */
import { BpfError } from '../../src/errors/bpf-error.ts'
import { BpfObject } from '../../src/object/bpf-object.ts'

const [object = '', program] = process.argv.slice(2)
try {
  using spec = BpfObject.open(object)
  if (program !== undefined) spec.program(program).autoload = true
  spec.load().close()
  console.log('{}')
} catch (error) {
  if (!(error instanceof BpfError)) throw error
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }))
}
