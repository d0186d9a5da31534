import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'

/** One line that a program wrote, without colours. */
export interface OutputLine {
  stream: 'stdout' | 'stderr'
  text: string
}

/** Collects what a program writes, line by line in the order of arrival, and as a whole. */
export class OutputLines {
  readonly lines: OutputLine[] = []
  stdout = ''
  stderr = ''
  #listeners = new Set<() => void>()

  constructor(stdout: Readable, stderr: Readable) {
    this.#collect(stdout, 'stdout')
    this.#collect(stderr, 'stderr')
  }

  /** Calls back after every line, until the returned function is called. */
  onLine(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The last lines, marked with their stream, for an error message. */
  tail(count = 20): string {
    if (this.lines.length === 0) return 'it wrote nothing'
    const skipped = this.lines.length - count
    return [
      skipped > 0 ? `it wrote (the last ${count} of ${this.lines.length} lines):` : 'it wrote:',
      ...this.lines
        .slice(-count)
        .map(({ stream, text }) => `  ${stream === 'stderr' ? '!' : '|'} ${text}`),
    ].join('\n')
  }

  #collect(source: Readable, stream: OutputLine['stream']): void {
    let rest = ''
    source.setEncoding('utf8')
    source.on('data', (chunk: string) => {
      this[stream] += chunk
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const text of parts) this.#add(stream, text)
    })
    source.on('end', () => rest !== '' && this.#add(stream, rest))
  }

  #add(stream: OutputLine['stream'], text: string): void {
    this.lines.push({ stream, text: stripVTControlCharacters(text) })
    for (const listener of this.#listeners) listener()
  }
}
