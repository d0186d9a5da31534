/** Shows what each type of map is for. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { exhibits } from './zoo/exhibits.ts'

const options = {
  only: { type: 'string', value: 'TYPE', help: 'one type of map, such as lru_hash' },
} as const

await loader('one small show for each type of map', options, (run) => {
  const { only } = run.options
  const chosen = exhibits.filter(({ type }) => only === undefined || type === only)
  if (chosen.length === 0)
    throw new UsageError(
      `there is no type '${only}' here: expected one of ${exhibits.map(({ type }) => type).join(', ')}.`,
    )
  for (const exhibit of chosen) {
    const { type, purpose } = exhibit
    const lines = exhibit.show()
    if (run.json) run.event('', { type, purpose, lines })
    else
      [type, ...[purpose, ...lines].map((line) => `  ${line}`)].forEach((line) =>
        run.event(line, {}),
      )
  }
})
