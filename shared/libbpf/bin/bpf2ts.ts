#!/usr/bin/env node
/** Writes the TypeScript skeleton of a BPF object: `bpf2ts prog.bpf.o [-o file]`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { checkObject } from '../src/elf/check-object.ts'
import { BpfError } from '../src/errors/bpf-error.ts'
import { generateSkeleton } from '../src/skeleton/generate.ts'

const HELP = `Usage: bpf2ts <object> [options]

Writes a TypeScript module for a BPF object file: types and codecs of its maps,
events and global variables, and a function that opens it.

  -o, --output <file>    where to write it, - for stdout
                         (default: beside the object, prog.bpf.o → prog.skel.ts)
  -n, --name <name>      name of the export (default: from the file's name)
  -t, --type <type>      also write this struct, union, enum or typedef,
                         for events whose ring buffer has no value type
      --number <member>  decode this 64-bit member as number: event.duration_ns
  -h, --help             show this

A 64-bit member or typedef can ask to be a number in C as well:
  __u64 ns __attribute__((btf_decl_tag("ts:number")));
`

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  name: { type: 'string', short: 'n' },
  type: { type: 'string', short: 't', multiple: true },
  number: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const

/** @returns the exit status: 0, 1 for a bad object, 2 for bad arguments */
function main(args: readonly string[]): number {
  let parsed
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error))
  }
  const { values, positionals } = parsed
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [object] = positionals
  if (object === undefined || positionals.length > 1) {
    return usage(`expected one object file, got ${positionals.length}`)
  }
  try {
    write(object, values)
    return 0
  } catch (error) {
    process.stderr.write(`bpf2ts: ${problemOf(error)}\n`)
    return 1
  }
}

interface Values {
  output?: string
  name?: string
  type?: string[]
  number?: string[]
}

function write(object: string, { output, name, type, number }: Values): void {
  const stem = basename(object).replace(/(?:\.bpf)?\.(?:o|elf)$/, '')
  const target = output ?? join(dirname(object), `${stem}.skel.ts`)
  const bytes = readFileSync(object)
  checkObject(bytes, object)
  const { text, warnings } = generateSkeleton(bytes, {
    name: name ?? stem,
    object: target === '-' ? `./${basename(object)}` : pathFrom(dirname(target), object),
    numbers: number ?? [],
    types: type ?? [],
  })
  for (const warning of warnings) process.stderr.write(`bpf2ts: ${warning}\n`)
  if (target === '-') process.stdout.write(text)
  else writeFileSync(target, text)
}

/** Relative as a URL has it. */
function pathFrom(folder: string, file: string): string {
  const path = relative(resolve(folder), resolve(file)).split(sep).map(encodeURIComponent).join('/')
  return path.startsWith('../') ? path : `./${path}`
}

function usage(problem: string): number {
  process.stderr.write(`bpf2ts: ${problem}\n\n${HELP}`)
  return 2
}

/** Errors of files and objects are the user's; everything else is this program's and keeps its stack. */
function problemOf(error: unknown): string {
  if (error instanceof BpfError) return error.message
  if (error instanceof Error && 'code' in error) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

process.exitCode = main(process.argv.slice(2))
