import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe } from 'vitest'
import { workspace } from '../lab/place.ts'
import { kernelTooOld } from '../kernel.ts'
import { fileTest } from '../test.ts'
import { type ConsoleBlock, type FileBlock, parseReadme } from './parse.ts'
import { checkQuote } from './quote.ts'
import { ReadmeSession } from './session.ts'

/** How {@link readmeTests} executes. */
export interface ReadmeOptions {
  /** Where its terminals begin; the root of the workspace by default. */
  cwd?: string
}

/**
 * Makes one test of each block of a README: `console` blocks are executed in order, `c` and `ts` blocks with a file name are compared with
 * the file. When a console block fails, those after it are skipped: they build on it. One with `since=6.4` is skipped on an older kernel,
 * one with `since=6.4/arm64` only on an older one for arm64.
 * @param readme `new URL('README.md', import.meta.url)`
 */
export function readmeTests(readme: URL, { cwd }: ReadmeOptions = {}): void {
  const file = fileURLToPath(readme)
  const name = relative(workspace, file)
  const blocks = parseReadme(readFileSync(file, 'utf8'), file)
  const consoles = blocks
    .filter((block) => block.kind === 'console')
    .filter(({ since }) => !kernelTooOld(since))
  const session = new ReadmeSession(file, consoles, cwd)
  let failed: ConsoleBlock | undefined

  describe(`README ${name}`, () => {
    afterAll(() => session[Symbol.asyncDispose]())
    for (const block of blocks) {
      if (block.kind === 'file') {
        fileTest(titleOf(block), () => checkQuote(block, file))
        continue
      }
      const commands = block.steps.filter(({ kind }) => kind !== 'output').length + 1
      const tooOld = kernelTooOld(block.since)
      const title = `${titleOf(block)}${tooOld}`
      const timeout = commands * block.deadline + 5000
      fileTest.skipIf(tooOld)(title, { timeout }, async ({ skip }) => {
        if (failed) skip(`${name}:${failed.line} failed before`)
        try {
          await session.run(block)
        } catch (error) {
          failed = block
          throw error
        }
      })
    }
  })
}

function titleOf(block: ConsoleBlock | FileBlock): string {
  if (block.kind === 'file') return `line ${block.line} quotes ${block.file}`
  const where = block.terminal === '1' ? '' : ` in terminal ${block.terminal}`
  return `line ${block.line}${where}: ${block.lines[0]}`
}
