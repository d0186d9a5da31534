import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { generateSkeleton } from '../src/skeleton/generate.ts'
import { compileBpf } from './compile.ts'

/** Compiles a program, writes its skeleton beside the object and imports it, as an importer would. */
export async function importSkeleton(source: string): Promise<Record<string, any>> {
  const path = skeletonFile(source)
  const module: Record<string, any> = await import(path)
  return module
}

/** Path of the skeleton of a program, freshly written. */
export function skeletonFile(source: string): string {
  const object = compileBpf(source)
  const path = object.replace(/\.bpf\.o$/, '.skel.ts')
  const name = basename(object, '.bpf.o')
  const { text } = generateSkeleton(readFileSync(object), { name, object: `./${basename(object)}` })
  writeFileSync(path, text)
  return path
}
