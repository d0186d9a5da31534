import { readFileSync } from 'node:fs'
import { codeOf } from './error-code.ts'

/** A file below /proc; empty for a process that ended meanwhile, is a zombie, or may not be looked at. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error) ?? ''
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return ''
    throw error
  }
}
