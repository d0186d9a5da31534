import { UsageError } from '@ebpf-labs/harness/loader'
import type { message } from './build/hello-config.skel.ts'

/** Room in `struct message` of hello-config.h, in bytes; the last one stays NUL. */
const ROOM = 16

/** What the loaders say to whom if nobody says otherwise: root, and the first ordinary user of most systems. */
const BY_DEFAULT = ['0=Hey root!', '1000=Hi user 1000!']

/** A map of messages by user id, as far as they are written here. */
export interface Config {
  set(uid: number, value: message): unknown
  delete(uid: number): unknown
}

/**
 * Reads words such as `1000=Hi`: a user id and its message.
 * @throws UsageError when the id is no number or the message does not fit
 */
export function parseMessages(words: readonly string[]): Map<number, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 0)
        throw new UsageError(`expected a user id and its message, such as 1000=Hi, got '${word}'.`)
      const text = word.slice(at + 1)
      return [parseUid(word.slice(0, at)), fitting(text)]
    }),
  )
}

/** Writes messages into the map, each with one system call; an empty one deletes the entry. */
export function writeMessages(config: Config, messages: ReadonlyMap<number, string>): void {
  for (const [uid, text] of messages) {
    if (text === '') config.delete(uid)
    else config.set(uid, { text })
  }
}

/** The messages that a loader starts with: those of its words, or two of its own. */
export function firstMessages(words: readonly string[]): Map<number, string> {
  return parseMessages(words.length > 0 ? words : BY_DEFAULT)
}

function parseUid(text: string): number {
  const uid = Number(text)
  if (/^\d+$/.test(text) && uid < 2 ** 32 - 1) return uid
  throw new UsageError(
    `'${text}' is no user id: expected a whole number, such as 1000. The number of a user: id -u NAME`,
  )
}

function fitting(text: string): string {
  const size = Buffer.byteLength(text)
  if (text.includes('\0')) throw new UsageError('a message cannot hold a NUL: C ends a text there.')
  if (size < ROOM) return text
  throw new UsageError(
    `'${text}' is too long: ${size} bytes, and the map has room for ${ROOM - 1} and a final NUL.
Shorten it, or make text[] in hello-config.h longer: npx nx bpf ch4-syscall`,
  )
}
