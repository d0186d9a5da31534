/** Shows every hook: whether this kernel has it, what a program gets there, what its return value does; or runs the ones named. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { nearest } from '@ebpf-labs/harness/nearest'
import type { Hook } from './hook.ts'
import { groups, hooks } from './hooks.ts'
import { othersOf, requireHook, supportOf } from './support.ts'
import { headOf, otherLine, rowOf, sightingLines } from './text.ts'

await loader('all hooks, whether this kernel has them; `-- fexit` runs one', {}, async (run) => {
  const print = (lines: readonly string[]) => {
    if (!run.json) lines.forEach((line) => run.event(line, {}))
  }

  function table(): void {
    const types: string[] = []
    for (const [group, title] of Object.entries(groups)) {
      print(['', title])
      for (const hook of hooks.filter((one) => one.group === group)) {
        if (run.signal.aborted) return
        const { lacks: _, show: _show, ...facts } = hook
        const { types: tried, ...found } = supportOf(hook)
        types.push(...tried)
        run.event(rowOf(hook, found).join('\n'), { ...facts, ...found })
      }
    }
    print(['', 'Without an example here'])
    for (const other of othersOf(hooks, types)) run.event(otherLine(other), { ...other })
    print(['', 'Run one:                    npx nx start ch7-types -- fexit'])
    print(['Six ways to see one execve: npx nx start ch7-types -- execve'])
  }

  async function show(hook: Hook): Promise<void> {
    requireHook(hook, supportOf(hook))
    print(headOf(hook))
    for (const sighting of await hook.show())
      run.event(sightingLines(sighting).join('\n'), { hook: hook.name, ...sighting })
  }

  const chosen = run.words.map(hookOf)
  if (chosen.length === 0) table()
  for (const hook of chosen) await show(hook)
})

/** @throws UsageError if there is no hook of that name */
function hookOf(word: string): Hook {
  const names = hooks.map(({ name }) => name)
  const found = hooks.find(({ name }) => name === word)
  if (found) return found
  const meant = nearest(word, [...names, 'execve', 'count']) // the lab's other loaders
  throw new UsageError(
    `there is no hook '${word}' here.${meant === undefined ? '' : ` Did you mean '${meant}'?`} All of them: npx nx start ch7-types`,
  )
}
