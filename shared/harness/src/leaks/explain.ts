import { type Attachment, attachments } from './attachments.ts'
import type { BpfEntry, Holder } from './bpf-objects.ts'
import type { Leak } from './leak-guard.ts'

/** A program, map or link that was left behind, and the processes that keep it. */
export interface LeftObject extends BpfEntry {
  holders: Holder[]
}

/** Says of what was left behind why it is still there. What a leaked link or program keeps alive is not listed again. */
export async function explain(objects: readonly LeftObject[]): Promise<Leak[]> {
  const links = objects.filter(({ kind }) => kind === 'link')
  const programs = objects.filter(({ kind }) => kind === 'program')
  const linked = new Set(links.map(({ program }) => program))
  const loose = programs.filter(({ id }) => !linked.has(id))
  const maps = programs.length > 0 ? [] : objects.filter(({ kind }) => kind === 'map')
  const attached = loose.length > 0 ? await attachments() : []
  return [
    ...links.map((link) => {
      const program = programs.find(({ id }) => id === link.program)
      const of = program ? ` of program '${program.name}'` : ''
      return { what: `${link.type} link ${link.id}${of}${heldBy(link)}`, remove: close(link) }
    }),
    ...loose.map((program) => leftProgram(program, attached)),
    ...maps.map((map) => ({
      what: `${map.type} map '${map.name}' (id ${map.id})${heldBy(map)}`,
      remove: close(map),
    })),
  ]
}

function leftProgram(program: LeftObject, attached: readonly Attachment[]): Leak {
  const what = `${program.type} program '${program.name}' (id ${program.id})`
  const places = attached.filter((place) => place.program === program.id)
  if (places.length === 0) return { what: what + heldBy(program), remove: close(program) }
  return {
    what: `${what}, attached by ${places.map(({ where }) => where).join(', ')}`,
    remove: places.map(({ remove }) => remove).join('; '),
  }
}

function heldBy({ holders }: LeftObject): string {
  if (holders.length === 0) return ', kept by a pin or another object'
  const names = holders.map(({ pid, comm }) =>
    pid === process.pid ? 'this test process' : `${comm} (pid ${pid})`,
  )
  return `, held by ${names.join(', ')}`
}

function close({ kind, holders }: LeftObject): string {
  if (holders.some(({ pid }) => pid === process.pid))
    return `declare it with 'using', or close the ${kind} at the end of the test`
  if (holders.length > 0) return `end ${holders.map(({ pid }) => pid).join(', ')}`
  return `find its pin with 'bpftool ${kind === 'program' ? 'prog' : kind} list --bpffs' and remove that`
}
