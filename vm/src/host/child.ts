import type { ChildProcess } from 'node:child_process'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Waits for a process to end; one that could not be started rejects. */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** All that comes out of a stream, as text; nothing if there is no stream. */
export async function readAll(stream: NodeJS.ReadableStream | null): Promise<string> {
  let all = ''
  if (!stream) return all
  stream.setEncoding('utf8')
  for await (const chunk of stream) all += String(chunk)
  return all
}
