import { geteuid } from 'node:process'

/** What a probe found. */
export interface ProbeResult {
  readonly supported: boolean
  /** Why not, for a person to read. */
  readonly reason?: string
  /** What would be needed: a kernel release, an option of its configuration, a capability. */
  readonly needs?: string
}

export const SUPPORTED: ProbeResult = { supported: true }

/** The result for a trial that the kernel refused with this errno. */
export function refused(what: string, code: string, needs: string | undefined): ProbeResult {
  if (code === 'EPERM' || code === 'EACCES') {
    return {
      supported: false,
      reason: `${what} may not be used here (${code})`,
      needs: geteuid?.() === 0 ? 'a kernel or sandbox that permits it' : 'root',
    }
  }
  const reason = `this kernel has no ${what} (${code})`
  return { supported: false, reason, ...(needs === undefined ? {} : { needs }) }
}
