import { constants } from 'node:os'
import { BpfError } from '../errors/bpf-error.ts'
import { VerifierError } from '../errors/verifier-error.ts'
import { ATTR_FIELDS, ATTR_LENGTHS, ATTR_OUTPUTS } from './attr/fields.ts'
import type { BpfAttr } from './attr.ts'
import { decodeField, encodeAttr } from './attr.ts'
import { callBpf } from './attr/call.ts'
import type { BpfCommand } from './commands.ts'
import { hintFor } from './hints.ts'
import type { Layout } from './attr/layout.ts'
import { layout } from './attr/layout.ts'
import { checkElementSizes } from './attr/element-sizes.ts'

const layouts = new Map<BpfCommand, Layout>()

/**
 * Calls bpf(2) once. `attr` has the fields of `union bpf_attr` by their names in the header; those
 * that the kernel writes (`next_id`, `count`, `retval`, `info_len`, …) are stored back into it.
 *
 * @returns what the system call returns: a file descriptor that the caller has to close, or 0
 * @throws BpfError when an attribute does not fit or the kernel refuses
 * @throws VerifierError when BPF_PROG_LOAD fails and its `log_buf` holds the verifier's log
 * @see bpf(2), include/uapi/linux/bpf.h
 */
export function bpf<C extends BpfCommand>(command: C, attr: BpfAttr<C>): number {
  const result = tryBpf(command, attr)
  if (result >= 0) return result
  throw failure(command, attr, result)
}

/**
 * Like {@link bpf}, but a refusal by the kernel comes back as `-errno` instead of being thrown.
 *
 * @throws BpfError when an attribute does not fit
 */
export function tryBpf<C extends BpfCommand>(command: C, attr: BpfAttr<C>): number {
  const operation = operationName(command)
  const struct = layoutOf(command)
  checkLengths(command, attr, operation)
  checkElementSizes(command, attr, operation)
  const encoded = encodeAttr(struct, attr, operation)
  const call = (): number => callBpf(command, encoded)
  const result = command === 'BPF_PROG_LOAD' ? retried(call) : call()
  storeOutputs(command, attr, encoded.bytes)
  return result
}

/**
 * The verifier stops with EAGAIN when a signal arrives meanwhile, which Node's own threads and timers send:
 * libbpf tries up to five times, too (tools/lib/bpf/bpf.c, sys_bpf_prog_load).
 */
function retried(call: () => number): number {
  let result = call()
  for (let attempt = 1; attempt < 5 && -result === constants.errno.EAGAIN; attempt++)
    result = call()
  return result
}

/** How errors name a command: `bpf(BPF_MAP_CREATE)`. */
export function operationName(command: BpfCommand): string {
  return `call bpf(${command})`
}

type Attributes = Record<string, unknown>

function layoutOf(command: BpfCommand): Layout {
  let found = layouts.get(command)
  if (!found) {
    found = layout(ATTR_FIELDS[command])
    layouts.set(command, found)
  }
  return found
}

function storeOutputs(command: BpfCommand, attr: Attributes, bytes: Uint8Array): void {
  const outputs = ATTR_OUTPUTS[command]
  if (!outputs) return
  const view = new DataView(bytes.buffer)
  for (const name of outputs) {
    const field = layoutOf(command).fields.get(name)
    if (field && !('nested' in field)) attr[name] = decodeField(view, field)
  }
}

function checkLengths(command: BpfCommand, attr: Attributes, operation: string): void {
  for (const [pointer, count, unit] of ATTR_LENGTHS[command] ?? []) {
    const buffer = attr[pointer]
    if (!ArrayBuffer.isView(buffer)) continue
    const unitSize = typeof unit === 'number' ? unit : Number(attr[unit] ?? 0)
    const needed = Number(attr[count] ?? 0) * unitSize
    if (buffer.byteLength < needed) {
      throw new BpfError({
        operation,
        subject: pointer,
        expected: `at least ${needed} bytes (${count} says so)`,
        got: `${buffer.byteLength}`,
      })
    }
  }
}

function failure(command: BpfCommand, attr: Attributes, result: number): BpfError {
  const errno = -result
  const name = attr['prog_name'] ?? attr['map_name'] ?? attr['pathname'] ?? attr['name']
  const subject = typeof name === 'string' && name !== '' ? name : undefined
  if (command === 'BPF_PROG_LOAD' && ArrayBuffer.isView(attr['log_buf'])) {
    const log = logText(attr['log_buf'])
    if (log !== '') return new VerifierError({ program: subject ?? '(no name)', log, errno })
  }
  return new BpfError({
    operation: operationName(command),
    subject,
    errno,
    hint: hintFor(command, errno),
  })
}

/** The NUL-terminated text in a log buffer. */
export function logText(buffer: ArrayBufferView): string {
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
