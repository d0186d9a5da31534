/** A small generator of random numbers that repeats for the same seed (xorshift32 after a mix of seed and round). */
export class Random {
  #state: number

  constructor(seed: number, round: number) {
    let mixed = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(round + 1, 0xc2b2_ae35)
    mixed ^= mixed >>> 15
    this.#state = Math.imul(mixed, 0x27d4_eb2f) || 1
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return Math.floor(((this.#state >>> 0) / 0x1_0000_0000) * limit)
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0]
  }
}
