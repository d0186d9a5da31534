/** Runs the tests of the package in the current folder in the machine: the `test` target of nx. */
import '../../../vm/src/host/colours.ts'
import { join, relative } from 'node:path'
import { workspace } from '../src/lab/place.ts'
import { runNode } from '../src/lab/run-in-machine.ts'

const vitest = join(workspace, 'node_modules', 'vitest', 'vitest.mjs')
process.exitCode = await runNode(
  [
    relative(process.cwd(), vitest), // the same place in the machine
    'run',
    // One process for all files, one after the other: they share one kernel, and starting Node is what takes the time.
    // Not threads: libbpf's print callback must not be set from a thread that ends.
    ...['--pool=forks', '--no-isolate', '--no-file-parallelism', '--max-workers=1'],
    // Node imports the tests itself: transforming some hundred modules takes minutes under software emulation.
    ...['--experimental.viteModuleRunner=false', '--experimental.nodeLoader=false'],
    // Software emulation is slow.
    ...['--test-timeout=90000', '--hook-timeout=90000', '--teardown-timeout=90000'],
    ...process.argv.slice(2),
  ],
  { NODE_COMPILE_CACHE: '/tmp/ebpf-labs-compile-cache' },
  'execAlone',
)
