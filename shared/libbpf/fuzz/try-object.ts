import { BpfError } from '../src/errors/bpf-error.ts'
import { BpfObject } from '../src/object/bpf-object.ts'
import type { MapSpec } from '../src/object/map-spec.ts'
import { generateSkeleton } from '../src/skeleton/generate.ts'

/** How far an object came: where it was refused, or that nothing was wrong with it. */
export type Outcome = 'refused at open' | 'refused at load' | 'loaded'

/** Maps larger than this are not created: the damage may have made them huge. */
const LARGEST_MAP = 64 << 20

/**
 * Opens and loads an object and writes its skeleton.
 *
 * @throws what is not a BpfError: the finding of a fuzz run.
 */
export function tryObject(bytes: Uint8Array): Outcome {
  refusedBy(() => generateSkeleton(bytes, { name: 'fuzz', object: './fuzz.bpf.o' }))
  let spec: ReturnType<typeof BpfObject.open> | undefined
  const open = refusedBy(() => {
    spec = BpfObject.open(bytes, { name: 'fuzz' })
  })
  if (open || !spec) return 'refused at open'
  using opened = spec
  return refusedBy(() => load(opened)) ? 'refused at load' : 'loaded'
}

function load(spec: ReturnType<typeof BpfObject.open>): void {
  for (const map of Object.values<MapSpec>(spec.maps)) {
    const size = (map.keySize + map.valueSize) * Math.max(1, map.maxEntries)
    if (size > LARGEST_MAP) map.maxEntries = 1
  }
  using object = spec.load()
  void object
}

/** Whether the call failed as it may. */
function refusedBy(call: () => unknown): boolean {
  try {
    call()
    return false
  } catch (error) {
    if (error instanceof BpfError && error.message.length > 0) return true
    throw error
  }
}
