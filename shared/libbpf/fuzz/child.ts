/** Runs rounds in a process of its own; the number of the round it is in stands in a file, in case it dies. */
import { openSync, readFileSync, writeSync } from 'node:fs'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'
import { type Outcome, tryObject } from './try-object.ts'

const [seedText = '', fromText = '', toText = '', progressFile = '', ...paths] =
  process.argv.slice(2)
const [seed, from, to] = [Number(seedText), Number(fromText), Number(toText)]
const objects = paths.map((path) => new Uint8Array(readFileSync(path)))
const progress = openSync(progressFile, 'w')
const counts: Record<Outcome, number> = {
  'refused at open': 0,
  'refused at load': 0,
  loaded: 0,
}

for (let round = from; round < to; round++) {
  writeSync(progress, String(round).padEnd(12), 0)
  const random = new Random(seed, round)
  const object = objects[random.below(objects.length)]
  if (!object) throw new Error('no object to damage')
  const { bytes } = mutate(object, random)
  try {
    counts[tryObject(bytes)]++
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error)
    process.stdout.write(`${JSON.stringify({ round, stack })}\n`)
  }
}
process.stdout.write(`${JSON.stringify({ counts })}\n`)
