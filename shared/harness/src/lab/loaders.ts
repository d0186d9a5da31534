import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A program of a lab that `npx nx start LAB -- NAME` runs. */
export interface Loader {
  name: string
  /** Relative to the lab. */
  file: string
  /** The first sentence of its documentation. */
  about: string
  /** Whether it is the lab's own: the `main` of its package.json, which gets whatever names no other loader. */
  main?: true
}

/**
 * The loaders of a lab: each `.ts` beside a `.bpf.c` of the same name, and each that calls `await loader(…)` of the harness. Tests and modules
 * that loaders share are neither.
 */
export function loadersOf(lab: string): Loader[] {
  const main = mainOf(lab)
  return globSync('*.ts', { cwd: lab, exclude: ['*.test.ts', '*.d.ts', '*.config.ts'] })
    .toSorted()
    .flatMap((file) => {
      const name = basename(file, '.ts')
      const text = readFileSync(join(lab, file), 'utf8')
      const isLoader = existsSync(join(lab, `${name}.bpf.c`)) || /^await loader\(/m.test(text)
      const about = firstSentence(text)
      return isLoader ? [{ name, file, about, ...(file === main ? { main: true } : {}) }] : []
    })
}

function mainOf(lab: string): string | undefined {
  const path = join(lab, 'package.json')
  if (!existsSync(path)) return undefined
  const { main }: { main?: string } = JSON.parse(readFileSync(path, 'utf8'))
  return main
}

function firstSentence(text: string): string {
  const comment = /^(?:#!.*\n)?\s*\/\*\*([^]*?)\*\//.exec(text)?.[1] ?? ''
  const words = comment
    .replaceAll(/\n\s*\*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return /^.*?[.!?](?=\s|$)/.exec(words)?.[0] ?? words
}
