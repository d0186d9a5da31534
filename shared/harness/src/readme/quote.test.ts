import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { parseReadme } from './parse.ts'
import { checkQuote } from './quote.ts'
import { messageOf } from '../process/error-code.ts'

const folder = mkdtempSync(join(tmpdir(), 'quote-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(
  join(folder, 'a.bpf.c'),
  'int a;\n\nint f()\n{\n\treturn 0;\n}\n\nint g()\n{\n\treturn 1;\n}\n',
)

/** Checks one quotation of a.bpf.c; returns the error's message, or 'right'. */
function check(text: string, info = 'c a.bpf.c'): string {
  const readme = join(folder, 'README.md')
  const [block] = parseReadme(`# Title\n\n\`\`\`${info}\n${text}\n\`\`\`\n`, readme)
  try {
    if (block?.kind === 'file') checkQuote(block, readme)
    return block ? 'right' : 'not checked'
  } catch (error) {
    return messageOf(error).replace(`${folder}/`, '')
  }
}

test('a part of the file, to the letter, is right', () => {
  expect(check('int f()\n{\n\treturn 0;\n}')).toBe('right')
})

test('another word, other blanks, and a line left out are wrong, and the line is shown', () => {
  expect(check('int f()\n{\n\treturn 2;\n}')).toBe(
    'README.md:6: this is not what a.bpf.c says\n  README:  \treturn 2;\n  line 5: \treturn 0;',
  )
  expect(check('int f()\n{\n    return 0;\n}')).toContain('README.md:6: this is not')
  expect(check('int f()\n\treturn 0;')).toContain('README.md:5: this is not')
})

test('an ellipsis leaves lines out, in order only', () => {
  expect(check('int a;\n// ...\nint g()\n{\n\t/* … */\n}')).toBe('right')
  expect(check('int g()\n...\nint f()')).toContain('a.bpf.c says after line 8')
})

test('a file that is not there is named', () => {
  expect(check('int a;', 'c b.bpf.c')).toBe('README.md:3: there is no file b.bpf.c')
})

test('a block without a file name is an illustration', () => {
  expect(check('int anything;', 'c')).toBe('not checked')
})
