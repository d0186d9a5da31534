import type { Finished } from '../src/process/running-program.ts'
import type { Run } from '../src/test.ts'

/** How long such a run may take on an emulated machine that has other things to do, in milliseconds. */
export const NESTED_TIMEOUT = 300_000

/**
 * Runs vitest as `nx test` does on tests that are to fail.
 * @param folder beside this file, with a vitest.config.ts
 */
export async function nestedVitest(run: Run, folder: string): Promise<Finished> {
  const argv = [
    process.execPath,
    new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url).pathname,
    ...['run', '--root', new URL(folder, import.meta.url).pathname, '--configLoader=native'],
    ...['--experimental.viteModuleRunner=false', '--experimental.nodeLoader=false'],
    '--reporter=verbose',
  ]
  const vitest = await run(argv, { deadline: NESTED_TIMEOUT, env: { NO_COLOR: '1' } })
  return vitest.exit()
}
