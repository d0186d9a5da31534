import { enableCompileCache } from 'node:module'
import '../src/host/colours.ts'

enableCompileCache()
const { main } = await import('../src/cli/main.ts')
process.exitCode = await main(process.argv.slice(2))
