import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** What a JSON file holds, or undefined if there is none or it is damaged. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes beside and renames: a reader sees the old or the new content, never half of it. */
export function writeJson(file: string, value: unknown): void {
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, JSON.stringify(value))
  renameSync(beside, file)
}
