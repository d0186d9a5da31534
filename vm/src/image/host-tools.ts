import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Architecture } from '../arch/arch.ts'
import { selectArchitecture } from '../arch/select.ts'
import { cached, keyOf } from '../host/cache.ts'
import { command } from '../host/command.ts'
import { provideRequirements } from '../host/install.ts'
import { step } from '../host/step.ts'
import { apt } from './apt.ts'
import { pin, suite } from './suite.ts'

/** Changes whenever what older code made would not do. */
const recipe = '1'

/**
 * A bpftool that runs on this host, of the version that the machine has, whatever the machine's
 * architecture. It brings its own libraries.
 * @returns its full path
 */
export async function makeHostTools(): Promise<string> {
  const host = selectArchitecture('')
  const key = keyOf(recipe, suite, JSON.stringify(pin))
  const folder = await cached(`tools/${host.name}-${key}`, 0.3, async (making) => {
    await provideRequirements(selectArchitecture())
    await step('bpftool for this computer', () => make(host, making))
  })
  return join(folder, 'bpftool')
}

async function make(host: Architecture, folder: string): Promise<void> {
  const tree = join(folder, 'tree')
  await apt({ arch: host.name, suite, pin, include: ['bpftool'], tree, work: folder })
  const libraries = join(tree, 'usr/lib', host.triplet)
  const linker = join(tree, host.linker)
  const bpftool = join(tree, 'usr/sbin/bpftool')
  const list = await command([linker, '--library-path', libraries, '--list', bpftool])
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  for (const file of new Set([bpftool, ...(list.match(/\/\S+\.so\S*/g) ?? [])])) {
    copyFileSync(file, join(tools, basename(file)))
  }
  copyFileSync(linker, join(tools, 'ld.so'))
  writeFileSync(
    join(folder, 'bpftool'),
    '#!/bin/sh\ntools=$(dirname "$(readlink -f "$0")")/tools\n' +
      'exec "$tools/ld.so" --library-path "$tools" "$tools/bpftool" "$@"\n',
    { mode: 0o755 },
  )
  rmSync(tree, { recursive: true })
}
