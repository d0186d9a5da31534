import { inspect } from 'node:util'
import koffi from 'koffi'
import type { NamedMember } from '../codec/composite.ts'
import { BpfError } from '../errors/bpf-error.ts'
import { Mapping } from '../ffi/mmap.ts'
import * as c from './native/bindings.ts'
import { noValues } from './native/borrowed-section.ts'
import { nothingElse } from './record.ts'
import type { ObjectHandle } from './native/handle.ts'

/** A section of global variables; readable and, before load or if it is not constant, writable by name. */
export type Variables = Record<string, unknown>

/** Where the bytes of a section are now. */
export interface Memory {
  view(operation: string): DataView
}

/**
 * An object with a property for each variable of a section, decoded when it is read and encoded when it is written.
 * Structs and arrays are copies: assign the whole value to change one.
 * @param writable false makes writing throw with the next step
 */
export function sectionVariables(
  section: string,
  fields: readonly NamedMember[],
  memory: Memory,
  writable: boolean,
): Variables {
  const variables: Variables = Object.create(nothingElse('variable', `section .${section}`))
  for (const { name, at, codec } of fields) {
    Object.defineProperty(variables, name, {
      enumerable: true,
      get: () => codec.read(memory.view(`read variable ${name} of`), at, at + codec.size),
      set: (value: unknown) => {
        if (!writable) throw readOnly(section, name)
        codec.write(memory.view(`write variable ${name} of`), at, value, name)
      },
    })
  }
  // console.log shows values instead of [Getter/Setter].
  Object.defineProperty(variables, inspect.custom, { value: () => shown(variables) })
  return Object.preventExtensions(variables)
}

/** The values, or why there are none: printing an object that is spent or closed is no mistake. */
function shown(variables: Variables): object | string {
  try {
    return { ...variables }
  } catch (error) {
    if (error instanceof BpfError) return `<${error.message.split('\n')[0]}>`
    throw error
  }
}

function readOnly(section: string, name: string): BpfError {
  return new BpfError({
    operation: 'write variable',
    subject: name,
    problem: `it lies in ${section}, which does not change any more once it is loaded`,
    hint: `Set it between open() and load(): spec.data.${section}.${name} = value.`,
  })
}

/** Initial values of a section: memory of libbpf's, which load() copies into the kernel. */
export class InitialValue implements Memory {
  readonly #handle: ObjectHandle
  readonly #map: bigint
  readonly #section: string
  #view: DataView<ArrayBuffer> | undefined
  #address: bigint | undefined

  constructor(handle: ObjectHandle, map: bigint, section: string) {
    this.#handle = handle
    this.#map = map
    this.#section = section
    handle.onClose(() => this.release())
  }

  view(operation: string): DataView {
    this.#handle.assertNotLoaded(operation, this.#section)
    const size = new BigUint64Array(1)
    const address = c.bpf_map__initial_value(this.#map, size)
    const length = Number(size[0])
    if (address === null) throw noValues(operation, this.#section)
    // Resizing the section moves it.
    if (address !== this.#address || this.#view?.byteLength !== length) {
      this.release()
      this.#view = new DataView(koffi.view(address, length))
      this.#address = address
    }
    return this.#view
  }

  /** Detaches the view: after load() the memory is the kernel's or gone. */
  release(): void {
    this.#view?.buffer.transfer(0)
    this.#view = undefined
    this.#address = undefined
  }
}

/** A section of a loaded object, mapped from the kernel when it is first touched. */
export class LiveSection implements Memory {
  readonly #handle: ObjectHandle
  readonly #section: string
  readonly #map: { fd: number; size: number; writable: boolean }
  #mapping: Mapping | undefined
  #view: DataView | undefined

  constructor(
    handle: ObjectHandle,
    section: string,
    map: { fd: number; size: number; writable: boolean },
  ) {
    this.#handle = handle
    this.#section = section
    this.#map = map
    handle.onClose(() => this.#mapping?.close())
  }

  view(operation: string): DataView {
    this.#handle.assertOpen(operation, this.#section)
    return (this.#view ??= this.#open())
  }

  #open(): DataView {
    const { fd, size, writable } = this.#map
    const operation = 'map memory of'
    this.#mapping = new Mapping({ fd, length: size, writable, operation, subject: this.#section })
    return new DataView(this.#mapping.buffer)
  }
}
