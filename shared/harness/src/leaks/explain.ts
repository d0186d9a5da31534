import { type Attachment, attachments } from './attachments.ts'
import type { Leak } from './leak-guard.ts'
import type { LeftObject } from './left-objects.ts'

/** Says of what was left behind why it is still there. What a leaked link or program keeps alive is not listed again. */
export async function explain(objects: readonly LeftObject[]): Promise<Leak[]> {
  const links = objects.filter(({ kind }) => kind === 'link')
  const programs = objects.filter(({ kind }) => kind === 'prog')
  const linked = new Set(links.map(({ program }) => program))
  const loose = programs.filter(({ id }) => !linked.has(id))
  const maps = programs.length > 0 ? [] : objects.filter(({ kind }) => kind === 'map')
  const attached = loose.length > 0 ? await attachments() : []
  return [
    ...links.map((link) => {
      const program = programs.find(({ id }) => id === link.program)
      return left(link, program && ` of ${program.label}`)
    }),
    ...loose.map((program) => leftProgram(program, attached)),
    ...maps.map((map) => left(map)),
  ]
}

function leftProgram(program: LeftObject, attached: readonly Attachment[]): Leak {
  const places = attached.filter((place) => place.program === program.id)
  if (places.length === 0) return left(program)
  return {
    what: `${program.label}, attached by ${places.map(({ where }) => where).join(', ')}`,
    remove: places.map(({ remove }) => remove).join('; '),
  }
}

function left(object: LeftObject, more = ''): Leak {
  const { label, pinned, owners } = object
  const names = owners.map(({ pid, comm }) =>
    pid === process.pid ? 'this test process' : `${comm} (pid ${pid})`,
  )
  const why = [
    ...(names.length > 0 ? [`held by ${names.join(', ')}`] : []),
    ...(pinned.length > 0 ? [`pinned at ${pinned.join(', ')}`] : []),
  ]
  const reason = why.join(' and ') || 'kept by another object'
  return { what: `${label}${more}, ${reason}`, remove: wayToRemove(object) }
}

function wayToRemove({ pinned, owners }: LeftObject): string {
  if (owners.some(({ pid }) => pid === process.pid))
    return `declare it with 'using', or close it at the end of the test`
  if (owners.length > 0) return `end ${owners.map(({ pid }) => pid).join(', ')}`
  if (pinned.length > 0) return `rm ${pinned.join(' ')}`
  return 'close what it belongs to'
}
