import { cString } from './attr.ts'

// Kinds of types (linux/btf.h)
const [INT, PTR, ARRAY, STRUCT, FUNC, FUNC_PROTO] = [1, 2, 3, 4, 12, 13]

/** Ids of the types in {@link helloBtf}: the first type is 1, and 0 stands for void. */
export const TYPE = { unsigned: 1, message: 4, hello: 8 } as const

/** Names of types lie behind each other in one block, each with a final NUL, and are known by their offset. */
class Names {
  #bytes = Buffer.from([0]) // offset 0: no name

  at(name: string): number {
    const offset = this.#bytes.length
    this.#bytes = Buffer.concat([this.#bytes, cString(name)])
    return offset
  }

  get bytes(): Buffer {
    return this.#bytes
  }
}

/** `struct btf_type` and what follows it: name, kind and number of members in one word, then a size or another type. */
const type = (name: number, kind: number, members: number, sizeOrType: number, ...rest: number[]) =>
  [name, (kind << 24) | members, sizeOrType, ...rest] as const

/** After an INT comes one word: how it is encoded, and its size in bits. */
const SIGNED = 1 << 24

/**
 * Type information (BTF) for the maps and the program, built by hand:
 *
 *     struct message { char text[16]; };
 *     int hello_by_hand(void *ctx);
 *
 * The kernel checks programs without it, too; it is what bpftool shows keys and values by.
 */
export function helloBtf(): Uint8Array<ArrayBuffer> {
  const names = new Names()
  const types = [
    /* 1 */ type(names.at('unsigned int'), INT, 0, 4, 32),
    /* 2 */ type(names.at('char'), INT, 0, 1, SIGNED | 8),
    /* 3 */ type(0, ARRAY, 0, 0, 2, 1, 16), // of type 2, index of type 1, 16 elements
    /* 4 */ type(names.at('message'), STRUCT, 1, 16, names.at('text'), 3, 0), // one member, of type 3, at bit 0
    /* 5 */ type(0, PTR, 0, 0), // to void
    /* 6 */ type(names.at('int'), INT, 0, 4, SIGNED | 32),
    /* 7 */ type(0, FUNC_PROTO, 1, 6, names.at('ctx'), 5), // returns type 6, one parameter of type 5
    /* 8 */ type(names.at('hello_by_hand'), FUNC, 0, 7), // of type 7
  ]
  const words = Buffer.from(Uint32Array.from(types.flat()).buffer)
  const header = Buffer.alloc(24)
  header.writeUInt16LE(0xeb9f, 0) // the magic number
  header.writeUInt8(1, 2) // version
  header.writeUInt32LE(header.length, 4)
  header.writeUInt32LE(0, 8) // types begin right behind the header,
  header.writeUInt32LE(words.length, 12)
  header.writeUInt32LE(words.length, 16) // names behind the types
  header.writeUInt32LE(names.bytes.length, 20)
  return new Uint8Array(Buffer.concat([header, words, names.bytes]))
}
