import { readFileSync } from 'node:fs'

/**
 * Node's options for a package that depends on the library: take it as the one file that the target `bundle` made. Under
 * software emulation its 200 modules take two seconds to load one by one, and a quarter of a second as one file.
 * The library's own tests have no such dependency, and run its sources.
 */
export function withBundle(folder: string): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm checks the form of package.json
  const { dependencies = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const given = process.env['NODE_OPTIONS'] ?? ''
  const wanted = '--conditions=ebpf-labs-bundle'
  if (!('@ebpf-labs/libbpf' in dependencies) || given.includes(wanted)) return given
  return `${given} ${wanted}`.trim()
}
