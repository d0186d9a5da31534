const SETS = 128
const SETS_MASK = SETS - 1
const MULTIPLIER = 0x9e37_79b1

type ReadText = (view: DataView, at: number) => string

/**
 * A reader that remembers the strings it made, found again by the words of the field.
 *
 * A field such as `comm` takes few values, and making a string costs five times what comparing 16
 * bytes does (docs/decisions/020-decoding-events.md). Each set holds two texts: of a handful of names,
 * two often share one, and would chase each other out of a single place. A place that was never
 * filled holds zero words, whose text is the empty string.
 *
 * @param size bytes of the field, a multiple of 4
 * @param make decodes a text that is not remembered
 */
export function cachedReader(size: number, make: ReadText): ReadText {
  const words = size / 4
  const keys = new Int32Array(2 * SETS * words)
  const texts = Array.from({ length: 2 * SETS }, () => '')
  const remember = (set: number, view: DataView, at: number): string => {
    const text = make(view, at)
    keys.copyWithin((set + 1) * words, set * words, (set + 1) * words)
    texts[set + 1] = texts[set] ?? ''
    for (let i = 0; i < words; i++) keys[set * words + i] = view.getInt32(at + i * 4, true)
    texts[set] = text
    return text
  }
  return size === 16 ? commReader(keys, texts, remember) : reader(words, keys, texts, remember)
}

type Remember = (set: number, view: DataView, at: number) => string

function reader(words: number, keys: Int32Array, texts: string[], remember: Remember): ReadText {
  const isAt = (place: number, view: DataView, at: number): boolean => {
    let i = 0
    while (i < words && keys[place * words + i] === view.getInt32(at + i * 4, true)) i++
    return i === words
  }
  return (view, at) => {
    let hash = 0
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ view.getInt32(at + i * 4, true), MULTIPLIER)
    }
    const set = ((hash ^ (hash >>> 15)) & SETS_MASK) * 2
    if (isAt(set, view, at)) return texts[set] ?? ''
    return isAt(set + 1, view, at) ? (texts[set + 1] ?? '') : remember(set, view, at)
  }
}

/** TASK_COMM_LEN bytes, which nearly every event has: the same without loops, which takes half the time. */
function commReader(keys: Int32Array, texts: string[], remember: Remember): ReadText {
  return (view, at) => {
    const a = view.getInt32(at, true)
    const b = view.getInt32(at + 4, true)
    const c = view.getInt32(at + 8, true)
    const d = view.getInt32(at + 12, true)
    const hash = Math.imul(Math.imul(Math.imul(a, 31) ^ b, 31) ^ c ^ Math.imul(d, 961), MULTIPLIER)
    const set = (hash >>> 25) * 2
    let k = set * 4
    if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) {
      return texts[set] ?? ''
    }
    k += 4
    if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) {
      return texts[set + 1] ?? ''
    }
    return remember(set, view, at)
  }
}
