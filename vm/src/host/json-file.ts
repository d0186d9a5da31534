import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

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
  try {
    writeFileSync(beside, JSON.stringify(value))
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    // An error of write(2) does not say of which file.
    throw error instanceof Error ? Object.assign(error, { path: file }) : error
  }
}
