import { BpfError } from '../../errors/bpf-error.ts'
import { errno } from '../../ffi/library.ts'
import { captured, libbpfCause } from '../../ffi/print.ts'
import type { LibbpfMessage } from '../../ffi/print.ts'
import { checkU32 } from '../../ffi/range.ts'
import * as c from './bindings.ts'
import { ObjectHandle } from './handle.ts'
import { openOpts } from '../options.ts'
import type { OpenOptions } from '../options.ts'

/**
 * Hands checked bytes to libbpf.
 * @throws {BpfError} with libbpf's own words as its cause
 */
export function openNative(bytes: Uint8Array, name: string, options: OpenOptions): ObjectHandle {
  if (options.logLevel !== undefined) checkU32(options.logLevel, 'set log level of', name)
  const opts = openOpts(name, options)
  const { value, messages } = captured(() => {
    const pointer = c.bpf_object__open_mem(bytes, bytes.length, opts)
    return { pointer, errno: pointer === null ? errno() : 0 }
  }, options.onMessage !== undefined)
  const handle = value.pointer === null ? undefined : new ObjectHandle(value.pointer, name)
  tell(messages, options, handle)
  if (handle) return handle
  const cause = libbpfCause(messages)
  throw new BpfError({
    operation: 'open object',
    subject: name,
    errno: value.errno,
    problem: cause?.message.split('\n').at(-1),
    cause,
  })
}

/** Passes on what libbpf said; a callback that throws must not leave an object behind that nobody can close. */
export function tell(
  messages: readonly LibbpfMessage[],
  { onMessage }: { onMessage?: OpenOptions['onMessage'] | undefined },
  handle: ObjectHandle | undefined,
): void {
  try {
    if (onMessage) messages.forEach((message) => onMessage(message))
  } catch (error) {
    handle?.close()
    throw error
  }
}
