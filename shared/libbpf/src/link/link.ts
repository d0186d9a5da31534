import { closeSync } from 'node:fs'
import { BpfError } from '../errors/bpf-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { errnoCode } from '../errors/errno.ts'
import { opts, u32 } from '../ffi/c-struct.ts'
import { checkU32 } from '../ffi/range.ts'
import { closedProperly, warnIfLeaked } from '../object/native/leak.ts'
import { openPinned, pin, unpin } from '../raw/pin.ts'
import * as c from './bindings.ts'
import { linkInfo } from './info.ts'
import type { LinkInfo } from './info.ts'
import { readIterator } from './iterator.ts'

/** What a {@link Link} is made of. */
export interface LinkInit {
  /** What is attached to what, for errors and warnings: `'on_exec' to tracepoint sched/sched_process_exec`. */
  what: string
  /** File descriptor of the link; undefined for what has none, such as USDT probes. */
  fd: number | undefined
  /** Where it is pinned, if it was opened there. */
  pinPath?: string | undefined
  /** Ends this process's hold on the link. */
  destroy: () => void
}

/**
 * A program attached to a hook. It stays attached until the link is closed, or for longer if the link is pinned.
 */
export class Link implements Disposable {
  /** What is attached to what. */
  readonly what: string
  readonly #fd: number | undefined
  readonly #destroy: () => void
  #pinPath: string | undefined
  #closed = false

  /** Made by `program.attach…()`, {@link Link.open} and {@link Link.byId}. */
  constructor(init: LinkInit) {
    this.what = init.what
    this.#fd = init.fd
    this.#destroy = init.destroy
    this.#pinPath = init.pinPath
    warnIfLeaked(this, `link of ${init.what}`)
  }

  /**
   * Opens a pinned link.
   * @throws {BpfError} if nothing is pinned there, or something else than a link
   */
  static open(path: string): Link {
    const fd = openPinned('link', path)
    return new Link({ what: `pinned at ${path}`, fd, pinPath: path, destroy: () => closeSync(fd) })
  }

  /**
   * Opens a link by the id that bpftool shows.
   * @throws {BpfError} if there is no such link, or without privilege
   */
  static byId(id: number): Link {
    checkU32(id, 'open link by id')
    const fd = c.bpf_link_get_fd_by_id(id)
    if (fd < 0) {
      const hint = byIdHint(fd)
      throw new BpfError({ operation: 'open link by id', subject: `${id}`, errno: fd, hint })
    }
    return new Link({ what: `id ${id}`, fd, destroy: () => closeSync(fd) })
  }

  get closed(): boolean {
    return this.#closed
  }

  /**
   * File descriptor; it stays the link's, do not close it.
   * @throws {ClosedError} after close()
   */
  get fd(): number {
    return this.#fdFor('use link')
  }

  /** Id by which bpftool knows the link. */
  get id(): number {
    return this.info().id
  }

  /** Where it is pinned, if it was pinned or opened here. */
  get pinPath(): string | undefined {
    return this.#pinPath
  }

  /**
   * What the kernel says about the link; what else there is depends on `type`.
   * @throws {BpfError} for links that the kernel does not count as such (USDT, tc filters)
   */
  info(): LinkInfo {
    return linkInfo(this.#fdFor('read info of link'))
  }

  /**
   * Puts another program in place of the attached one, without a gap.
   * @param program a program of the same type
   * @param expected fails unless this is the program attached now
   * @throws {BpfError} for link types that cannot be updated, such as kprobes
   */
  update(program: { readonly fd: number }, expected?: { readonly fd: number }): void {
    const fd = this.#fdFor('update link')
    const BPF_F_REPLACE = 4
    const errno = c.bpf_link_update(
      fd,
      program.fd,
      opts(24, [
        [u32(8), expected ? BPF_F_REPLACE : 0],
        [u32(12), expected?.fd],
      ]),
    )
    if (errno < 0) this.#fail('update link', errno, updateHint(errno))
  }

  /**
   * Takes the program off its hook now, even if the link is pinned or open elsewhere, and closes the link.
   * @throws {BpfError} if the kernel cannot force this type of link and the link is kept alive by a pin
   */
  detach(): void {
    const errno = this.#fd === undefined ? 0 : c.bpf_link_detach(this.#fdFor('detach link'))
    // EINVAL: no kernel link. Before 5.15 a probe's is its perf event, and closing that detaches.
    if (errno < 0 && !['EOPNOTSUPP', 'EINVAL'].includes(errnoCode(errno) ?? '')) {
      this.#fail('detach link', errno)
    }
    if (errno < 0 && this.#pinPath !== undefined) {
      this.#fail('detach link', errno, `Unpin it (${this.#pinPath}), then close it.`)
    }
    this.close()
  }

  /**
   * Keeps the program attached after this process ends.
   * @param path in a BPF file system
   */
  pin(path: string): void {
    pin('link', this.#fdFor('pin link'), this.what, path)
    this.#pinPath = path
  }

  /** Removes the pin; the program stays attached until the link is closed. */
  unpin(): void {
    this.#fdFor('unpin link')
    if (this.#pinPath === undefined) {
      throw new BpfError({
        operation: 'unpin link',
        subject: this.what,
        problem: 'it is not pinned',
      })
    }
    unpin('link', this.what, this.#pinPath)
    this.#pinPath = undefined
  }

  /**
   * Runs an iterator program from the beginning and returns what it wrote.
   * @throws {BpfError} if the link is not an iterator's
   */
  read(): Uint8Array<ArrayBuffer> {
    return readIterator(this.#fdFor('read iterator'), this.what)
  }

  /** {@link Link.read} as UTF-8 text. */
  text(): string {
    return new TextDecoder().decode(this.read())
  }

  /** {@link Link.text} line by line, without line ends. */
  lines(): string[] {
    const lines = this.text().split('\n')
    if (lines.at(-1) === '') lines.pop()
    return lines
  }

  /**
   * Ends this process's hold on the link: the kernel detaches the program unless the link is pinned or open elsewhere.
   */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closedProperly(this)
    this.#destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #fdFor(operation: string): number {
    if (this.#closed) throw new ClosedError(operation, this.what)
    if (this.#fd !== undefined) return this.#fd
    throw new BpfError({
      operation,
      subject: this.what,
      problem: 'it is attached without a kernel link, so there is nothing to ask, pin or update',
      hint: 'Close it and attach again instead.',
    })
  }

  #fail(operation: string, errno: number, hint?: string): never {
    throw new BpfError({ operation, subject: this.what, errno, hint })
  }
}

function byIdHint(errno: number): string | undefined {
  switch (errnoCode(errno)) {
    case 'ENOENT':
      return 'Look with: bpftool link list'
    case 'EAGAIN':
      return 'Somebody is just making this link: try again.'
    default:
      return undefined
  }
}

function updateHint(errno: number): string | undefined {
  switch (errnoCode(errno)) {
    case 'EINVAL':
      return 'Only programs of the same type and attach type fit; kprobe, tracepoint and tracing links cannot be updated.'
    case 'EPERM':
      return 'Another program is attached than the expected one.'
    case 'ENOLINK':
      return 'The link was detached: its interface, cgroup or namespace is gone.'
    default:
      return undefined
  }
}
