import { inspect } from 'node:util'
import type { InspectOptions } from 'node:util'
import { BpfError } from '../errors/bpf-error.ts'
import type { Link } from './link.ts'

/** The links of an object that was attached as a whole, by name of the program. */
export class Links<Name extends string = string> implements Disposable, Iterable<[Name, Link]> {
  readonly #links: ReadonlyMap<Name, Link>

  /** Made by `object.attach()`. */
  constructor(links: ReadonlyMap<Name, Link>) {
    this.#links = links
  }

  get size(): number {
    return this.#links.size
  }

  /** The link of a program; undefined if the program's section does not say what to attach it to. */
  get(program: Name): Link | undefined {
    return this.#links.get(program)
  }

  [Symbol.iterator](): IterableIterator<[Name, Link]> {
    return this.#links.entries()
  }

  /** Detaches all, see {@link Link.detach}. */
  detach(): void {
    for (const link of this.#links.values()) if (!link.closed) link.detach()
  }

  /** Closes all, the last one first. */
  close(): void {
    for (const link of [...this.#links.values()].toReversed()) link.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What console.log shows. */
  [inspect.custom](_depth: number, options: InspectOptions, show: typeof inspect): string {
    return `Links ${show([...this.#links.values()], options)}`
  }
}

/**
 * Attaches everything or nothing.
 * @param attachments name and how to attach it; undefined for what says not where
 */
export function attachAll<Name extends string>(
  object: string,
  attachments: Iterable<readonly [Name, () => Link | undefined]>,
): Links<Name> {
  const links = new Map<Name, Link>()
  const skipped: string[] = []
  const all = new Links(links)
  try {
    for (const [name, attach] of attachments) {
      const link = attach()
      if (link) links.set(name, link)
      else skipped.push(name)
    }
  } catch (error) {
    all.close()
    throw error
  }
  if (links.size > 0) return all
  throw new BpfError({
    operation: 'attach object',
    subject: object,
    problem:
      skipped.length > 0
        ? `no section says what to attach to (${skipped.join(', ')})`
        : 'it has no program that is loaded and has autoattach on',
    hint: "Attach programs by hand, for example object.programs.NAME.attachXdp('eth0').",
  })
}
