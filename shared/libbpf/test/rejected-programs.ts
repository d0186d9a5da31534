/** The programs of test/bpf/rejected-*.bpf.c and what their source says the verifier must think of them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('bpf', import.meta.url))

export interface ExpectedProgram {
  /** `rejected-memory.bpf.c` */
  readonly source: string
  readonly name: string
  /** Id of the reason; undefined for a program that must be accepted. */
  readonly reason: string | undefined
  /** Refused only to a loader without CAP_PERFMON. */
  readonly unprivileged: boolean
}

const PROGRAM =
  /^(UNPRIVILEGED\n)?(?:REJECTED\("([\w-]+)"\)|ACCEPTED)\nSEC\("[^"]*"\)\n(?:__naked )?int (\w+)\(/gm

/** Reads the expectations from the sources, where they stand on the programs themselves. */
export function expectedPrograms(): ExpectedProgram[] {
  return globSync('rejected-*.bpf.c', { cwd: folder })
    .toSorted()
    .flatMap((source) =>
      [...readFileSync(join(folder, source), 'utf8').matchAll(PROGRAM)].map(
        ([, unprivileged, reason, name = '']) => ({
          source,
          name,
          reason,
          unprivileged: unprivileged !== undefined,
        }),
      ),
    )
}
