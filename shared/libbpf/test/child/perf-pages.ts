/** Opens a perf buffer of so many pages per CPU, and prints the error that throws. */
import { createMap } from '../../src/maps/create.ts'
import { BpfError } from '../../src/errors/bpf-error.ts'

try {
  using map = createMap({ type: 'perf_event_array', name: 'samples' })
  using _reader = map.open({ pages: Number(process.argv[2]) })
  console.log('{}')
} catch (error) {
  if (!(error instanceof BpfError)) throw error
  console.log(JSON.stringify({ code: error.code, message: error.message }))
}
