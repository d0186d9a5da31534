/** Run without capabilities: prints the error that loading argv[2] throws. */
import { BpfError } from '../../src/errors/bpf-error.ts'
import { BpfObject } from '../../src/object/bpf-object.ts'

try {
  BpfObject.open(String(process.argv[2])).load()
  console.log('loaded')
} catch (error) {
  if (!(error instanceof BpfError)) throw error
  console.log(JSON.stringify({ name: error.name, code: error.code, message: error.message }))
}
