import { BpfError } from '../../../errors/bpf-error.ts'
import { errnoCode } from '../../../errors/errno.ts'
import { UnsupportedError } from '../../../errors/unsupported-error.ts'
import { libbpfCause } from '../../../ffi/print.ts'
import { MapType } from '../../../maps/map-type.ts'
import type { MapTypeName } from '../../../maps/map-type.ts'
import { probeMapType } from '../../../probe/map-types.ts'
import { permissionHint } from '../../../raw/hints.ts'
import type { MapSpec } from '../../map-spec.ts'
import type { LoadFailure } from './load-error.ts'

const CREATE = /map '([^']+)': failed to create:/
const REUSE = /couldn't reuse pinned map at '([^']+)'/
const RETRIEVE = /couldn't retrieve pinned map '([^']+)'/
const AUTO_PIN = /map '([^']+)': failed to auto-pin at '([^']+)'/

/** A map that the kernel does not create, or a pin that does not fit. */
export function mapCause(words: string, failure: LoadFailure): BpfError | undefined {
  return pinCause(words, failure) ?? createCause(words, failure)
}

function createCause(words: string, failure: LoadFailure): BpfError | undefined {
  const [, name] = CREATE.exec(words) ?? []
  const map = failure.maps.find((spec) => name === spec.name || name?.endsWith(`.${spec.name}`))
  return map && creation(map, failure.errno, libbpfCause(failure.messages))
}

function pinCause(words: string, failure: LoadFailure): BpfError | undefined {
  const cause = libbpfCause(failure.messages)
  const { errno } = failure
  const [, reused] = REUSE.exec(words) ?? []
  const operation = 'use pinned map'
  if (reused !== undefined) {
    const pinned = failure.maps.find(({ pinPath }) => pinPath === reused)
    return new BpfError({
      operation,
      subject: reused,
      expected: pinned ? describe(pinned) : 'the map as the object defines it',
      got: 'a map of another type or size',
      hint: `Another version of the program pinned it. Remove the pin (rm ${reused}) or choose another pin path.`,
      cause,
    })
  }
  const [, retrieved] = RETRIEVE.exec(words) ?? []
  if (retrieved !== undefined) {
    const hint = 'The path must be in a BPF file system, and what is pinned there a map.'
    return new BpfError({ operation, subject: retrieved, errno, hint, cause })
  }
  const [, pinning, path] = AUTO_PIN.exec(words) ?? []
  if (pinning === undefined) return undefined
  return new BpfError({
    operation: 'pin map',
    subject: pinning,
    target: `at ${path}`,
    errno,
    hint: 'The path must be in a BPF file system: /sys/fs/bpf (mount -t bpf bpf /sys/fs/bpf).',
    cause,
  })
}

function creation(map: MapSpec, errno: number, cause: Error | undefined): BpfError {
  const init = { operation: 'create map', subject: map.name, errno, cause }
  const code = errnoCode(errno)
  if (code === 'EPERM') return new BpfError({ ...init, hint: permissionHint() })
  const missing = unsupported(map.type)
  if (missing) {
    return new UnsupportedError({
      ...init,
      feature: `a map of ${isKnown(map.type) ? 'type ' : ''}${map.type}`,
      needs: { kernel: missing.needs },
    })
  }
  return new BpfError({ ...init, problem: describe(map), hint: creationHint(map, code) })
}

/** @returns what a kernel would need that has no maps of this type */
function unsupported(type: string): { needs: string | undefined } | undefined {
  if (!isKnown(type)) return { needs: undefined }
  const { supported, needs } = probeMapType(type)
  return supported ? undefined : { needs }
}

function isKnown(type: string): type is MapTypeName {
  return Object.hasOwn(MapType, type)
}

function describe(map: MapSpec): string {
  return `type ${map.type}, key ${map.keySize} bytes, value ${map.valueSize} bytes, max_entries ${map.maxEntries}, flags 0x${map.flags.toString(16)}`
}

function creationHint(map: MapSpec, code: string): string | undefined {
  if (code === 'E2BIG' || code === 'ENOMEM')
    return 'It is larger than the kernel allows or has room for.'
  if (code !== 'EINVAL') return undefined
  if (map.maxEntries === 0 && !map.type.endsWith('storage')) {
    return `max_entries is missing: __uint(max_entries, N) in the source, or spec.maps.${map.name}.maxEntries = N.`
  }
  if (/array|^(devmap|cpumap|xskmap|sockmap|stack_trace)$/.test(map.type) && map.keySize !== 4) {
    return `Maps of this type have an index of 4 bytes as key, not ${map.keySize}: __type(key, __u32).`
  }
  if (/ringbuf/.test(map.type)) {
    return 'The size of a ring buffer is a power of two and a multiple of the page size.'
  }
  if (map.keySize === 0 || map.valueSize === 0) {
    return 'Its key or value has no size: __type(key, …) and __type(value, …) in the source.'
  }
  return 'The kernel does not take these sizes and flags together for this type of map.'
}
