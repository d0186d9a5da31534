import { test as base } from 'vitest'
import { LeakGuard } from './leaks/leak-guard.ts'
import { network } from './network/network.ts'
import { makePinFolder, removePinFolder } from './pins.ts'
import { execs } from './process/execs.ts'
import { OWNER_VARIABLE, owner } from './process/owner.ts'
import { type Finished, RunningProgram, type RunOptions } from './process/running-program.ts'
import { sweep } from './process/sweep.ts'
import { TracePipe, type TracePipeOptions, tracePipe } from './tracing/trace-pipe.ts'

/** Starts a program that is killed, with its whole process group, when the test ends. */
export type Run = (argv: readonly string[], options?: RunOptions) => Promise<RunningProgram>

/** Makes a network that is removed when the test ends; see {@link network}. */
export type MakeNetwork = typeof network

// What outlives a `kill -9` of a test carries the test's owner tag, and goes when the next one starts.
process.env[OWNER_VARIABLE] = owner // inherited by whatever the test starts, by whatever means
await sweep()

/** Starts before any hook of the file can, which a fixture would not. */
const fileGuard = LeakGuard.start()

/** vitest's `test` for tests that build on each other: only what the whole file leaves behind is looked at. */
export const fileTest = base.extend(
  'fileLeaks',
  { scope: 'file', auto: true },
  // oxlint-disable-next-line no-empty-pattern -- vitest reads a fixture's dependencies from this pattern
  ({}, { onCleanup }) => {
    onCleanup(async () => {
      try {
        await fileGuard.check('this file, outside of its tests,')
      } finally {
        fileGuard.restart() // one worker may run several files
      }
    })
    return fileGuard
  },
)

/** vitest's `test` with what the labs' tests need; a test that leaves something behind in the machine fails. */
export const test = fileTest
  .extend('leaks', { auto: true }, ({ fileLeaks: _ }, { onCleanup }) => {
    const guard = LeakGuard.start()
    onCleanup(() => guard.check('this test'))
    return guard
  })
  .extend('run', async ({ leaks: _ }, { onCleanup }): Promise<Run> => {
    const programs = new AsyncDisposableStack()
    onCleanup(() => programs.disposeAsync())
    return async (argv, options) => programs.use(await RunningProgram.start(argv, options))
  })
  .extend('exec', async ({ run }) => {
    return async (argv: readonly string[], options?: RunOptions): Promise<Finished> =>
      (await run(argv, options)).exit()
  })
  .extend('execs', () => execs)
  .extend('trace', async ({ leaks: _ }, { onCleanup }) => {
    const pipes = new DisposableStack()
    onCleanup(() => pipes.dispose())
    return (options?: TracePipeOptions): TracePipe => pipes.use(tracePipe(options))
  })
  .extend('network', async ({ leaks: _ }, { onCleanup }): Promise<MakeNetwork> => {
    const networks = new AsyncDisposableStack()
    onCleanup(() => networks.disposeAsync())
    return async (...pairs) => networks.use(await network(...pairs))
  })
  .extend('pinFolder', async ({ leaks: _ }, { onCleanup }) => {
    const folder = makePinFolder()
    onCleanup(() => removePinFolder(folder))
    return folder
  })
