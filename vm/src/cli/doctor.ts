import { styleText } from 'node:util'
import { selectArchitecture } from '../arch/select.ts'
import { examine, type Finding } from './examine.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

const marks = { ok: ['green', '✓'], missing: ['red', '✗'], note: ['yellow', '!'] } as const

export const command: Command = {
  usage: '[--json]',
  summary: 'say what this computer has, lacks, and what mends it',
  details: 'Exit code: 0 if the machine can run, 1 if something is missing.',
  async run(args) {
    const flags = readFlags(args, ['--json'])
    const findings = await examine(selectArchitecture())
    if (flags.has('--json')) console.log(JSON.stringify(findings, null, 2))
    else for (const finding of findings) show(finding)
    return findings.some(({ verdict }) => verdict === 'missing') ? 1 : 0
  },
}

function show({ verdict, what, detail, remedy }: Finding): void {
  const [colour, mark] = marks[verdict]
  console.log(`${styleText(colour, mark)} ${what}: ${detail}`)
  if (remedy) console.log(`    ${remedy}`)
}
