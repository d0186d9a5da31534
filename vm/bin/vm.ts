import { enableCompileCache } from 'node:module'

enableCompileCache()
// nx sets FORCE_COLOR for what it runs, whatever NO_COLOR says; Node warns of the two.
if (process.env['NO_COLOR']) delete process.env['FORCE_COLOR']
const { main } = await import('../src/cli/main.ts')
process.exitCode = await main(process.argv.slice(2))
