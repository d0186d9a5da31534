import { once } from 'node:events'
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { MachineError } from '../errors.ts'

interface Message {
  readonly return?: unknown
  readonly error?: { readonly desc: string }
  readonly event?: string
}

/**
 * Runs one command on QEMU's monitor and returns its result.
 * Protocol: docs/interop/qmp-spec in QEMU's sources.
 * @throws MachineError if QEMU does not answer within the deadline, or refuses.
 */
export async function qmp(
  socket: string,
  execute: string,
  args: Record<string, unknown> = {},
  deadline = 5000,
): Promise<unknown> {
  const stream = createConnection(socket)
  const timeout = AbortSignal.timeout(deadline)
  timeout.addEventListener('abort', () => stream.destroy(new Error('no answer')))
  try {
    await once(stream, 'connect')
    const lines = createInterface({ input: stream })[Symbol.asyncIterator]()
    const answer = async (): Promise<unknown> => {
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error('connection closed')
        const message: Message = JSON.parse(value)
        if (message.error) throw new Error(message.error.desc)
        if ('return' in message) return message.return
      }
    }
    stream.write(`${JSON.stringify({ execute: 'qmp_capabilities' })}\n`)
    await answer()
    stream.write(`${JSON.stringify({ execute, arguments: args })}\n`)
    return await answer()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new MachineError(`QEMU's monitor: ${execute}: ${why}`)
  } finally {
    stream.destroy()
  }
}
