const WIDTH = 80

/** Breaks a text between words into lines of at most 80 columns, each as far indented as the first one. */
export function wrap(text: string, indent = /^ */.exec(text)?.[0] ?? ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line)
      line = ''
    }
    line += line === '' ? word : ` ${word}`
  }
  return line === '' ? lines : [...lines, indent + line]
}
