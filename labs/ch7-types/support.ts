import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  ATTACH_KINDS,
  BpfError,
  PROGRAM_TYPES,
  kernelConfig,
  probeAttachKind,
  probeObject,
  probeProgramType,
} from '@ebpf-labs/libbpf'
import type { Hook } from './hook.ts'

/** Whether the running kernel has a hook. */
export interface Support {
  here: boolean
  /** Why not. */
  reason?: string
  /** What has it. */
  needs?: string
  /** Types of the programs that were tried, as bpftool calls them. */
  types: string[]
}

/**
 * Whether this kernel has a hook, found by trying: the type of its program, its way to attach, its target and its helpers. No version decides.
 * Whether the program itself loads is left to who runs it: that takes an emulated processor twice the time.
 * @throws Error if the lab was not compiled
 */
export function supportOf(hook: Hook): Support {
  const { programs } = probeObject(objectOf(hook), { load: false })
  const types = [...new Set(programs.map(({ type }) => type))]
  const problem = programs.flatMap(({ problems }) => problems)[0] ?? lackOf(hook)
  return problem ? { here: false, types, ...problem } : { here: true, types }
}

/** The oldest kernel that has the hook on this architecture. */
export function oldestOf({ since, sinceOnArm64 }: Hook): string {
  return process.arch === 'arm64' ? (sinceOnArm64 ?? since) : since
}

/** @throws BpfError if this kernel does not have the hook, with what does */
export function requireHook({ name }: Hook, { here, reason, needs }: Support): void {
  if (here) return
  const hint = `Kernels to choose from: LAB_KERNEL=7.2 npx nx start ch7-types -- ${name}`
  throw new BpfError({
    operation: 'show hook',
    subject: name,
    problem: reason,
    hint: needs === undefined ? hint : `It needs ${needs}. ${hint}`,
  })
}

/** The compiled program of a hook. */
export function objectOf({ name, group }: Pick<Hook, 'name' | 'group'>): string {
  const path = fileURLToPath(new URL(`build/${group}/${name}.bpf.o`, import.meta.url))
  if (!existsSync(path))
    throw new BpfError({
      operation: 'open object',
      subject: path,
      hint: 'Compile the lab: npx nx bpf ch7-types',
    })
  return path
}

/** What loading the program cannot tell: an option of the kernel's configuration, or what the hook itself knows to try. */
function lackOf({ config, lacks }: Hook): { reason: string; needs?: string } | undefined {
  if (config !== undefined && kernelConfig(config) === 'n')
    return { reason: 'this kernel is configured without it', needs: `${config}=y` }
  const reason = lacks?.()
  return reason === undefined ? undefined : { reason }
}

/** A type of program, or a way to attach one, that this lab has no example of. */
export interface Other {
  what: 'program type' | 'way to attach'
  name: string
  here: boolean
  needs?: string
}

/** The rest of what the library knows, and whether this kernel has it. */
export function othersOf(hooks: readonly Hook[], types: readonly string[]): Other[] {
  const names = new Set(hooks.map(({ name }) => name.replaceAll(/\W/g, '_')))
  const programs = PROGRAM_TYPES.filter((type) => type !== 'unspec' && !types.includes(type))
  const kinds = ATTACH_KINDS.filter((kind) => kind !== 'token' && !names.has(kind))
  return [
    ...programs.map((name) => ({ what: 'program type' as const, name, ...probeProgramType(name) })),
    ...kinds.map((name) => ({ what: 'way to attach' as const, name, ...probeAttachKind(name) })),
  ].map(({ what, name, supported, needs }) => ({
    what,
    name,
    here: supported,
    ...(needs === undefined || supported ? {} : { needs }),
  }))
}
