import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const module = new URL('typed-words.ts', import.meta.url).pathname
const print = `import { typedWords } from '${module}'; console.log(JSON.stringify(typedWords(['given'])))`

/** What a process finds that a command line of this form started through a shell. */
function foundBelow(...argv: [string, ...string[]]): unknown {
  const child = `${process.execPath} --input-type=module -e "$PRINT"; true`
  const script = `require('node:child_process').execSync(process.env.CHILD, { stdio: 'inherit' })`
  const output = execFileSync(process.execPath, ['-e', script, ...argv], {
    env: { ...process.env, CHILD: child, PRINT: print, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

test('words come as they were typed, with spaces, quotes and =', () => {
  const words = ['hello-config', '0=Hey root!', `it's $HOME "here"`, '--', '--color']
  expect(foundBelow('/x/.bin/nx', 'start', 'ch4-syscall', '--', ...words)).toEqual(words)
})

test('without nx, or without words of its own, what was given counts', () => {
  expect(foundBelow('/x/.bin/nx', 'start', 'ch4-syscall')).toEqual(['given'])
  expect(foundBelow('/x/other', 'start', '--', 'x')).toEqual(['given'])
})
