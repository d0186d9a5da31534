import { CALL_REASONS } from './calls.ts'
import { CONTROL_FLOW_REASONS } from './control-flow.ts'
import { MEMORY_REASONS } from './memory.ts'
import { PROGRAM_REASONS } from './program.ts'
import type { Reason } from './reason.ts'
import { RESOURCE_REASONS } from './resources.ts'
import { TYPE_REASONS } from './types.ts'

/** Every reason that can be put into words, the more specific ones first. */
export const REASONS: readonly Reason[] = [
  ...PROGRAM_REASONS.filter(({ id }) => id === 'kernel-bug'),
  ...CONTROL_FLOW_REASONS,
  ...TYPE_REASONS,
  ...MEMORY_REASONS,
  ...CALL_REASONS,
  ...RESOURCE_REASONS,
  ...PROGRAM_REASONS,
]

/** The reason for one of the verdict's lines, the first line that is known. */
export function findReason(
  lines: readonly string[],
): { reason: Reason; groups: Readonly<Record<string, string>> } | undefined {
  // The first line is the most specific: `R2 max value is outside …` only follows `invalid access to map value`.
  for (const line of lines) {
    for (const reason of REASONS) {
      const match = reason.pattern.exec(line)
      if (match) return { reason, groups: { ...match.groups } }
    }
  }
  return undefined
}
