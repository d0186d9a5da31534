/** A process with an open ring buffer, which ends, or not, as its argument says: see src/events/lifetime.test.ts. */
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import { EventsObject } from './events.ts'

const [, , mode] = process.argv

function read(): void {
  const { events } = new EventsObject()
  const reader = events.open()
  switch (mode) {
    case 'idle': // nobody waits: the process may end
      return
    case 'close': {
      void reader[Symbol.asyncIterator]()
        .next()
        .then(({ done }) => console.log(`done: ${done}`))
      setTimeout(() => reader.close(), 100)
      return
    }
    case 'exit':
    case 'worker':
    case 'terminate':
      void reader[Symbol.asyncIterator]().next()
      if (mode === 'terminate') parentPort?.postMessage('waiting')
      else setTimeout(() => process.exit(3), 50)
      return
    default:
      throw new Error(`unknown mode ${mode}`)
  }
}

if (!isMainThread) {
  read()
} else if (mode === 'worker' || mode === 'terminate') {
  const worker = new Worker(new URL(import.meta.url), { argv: [mode] })
  // Not earlier: koffi aborts the process when a worker ends in the middle of one of its calls.
  worker.on('message', () => void worker.terminate())
  worker.on('exit', (code) => console.log(`worker: ${code}`))
} else {
  read()
}
