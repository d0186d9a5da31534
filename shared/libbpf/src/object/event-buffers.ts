import { MapType } from '../maps/map-type.ts'
import * as c from './bindings.ts'
import { nativeMaps } from './object-maps.ts'

/**
 * Value sizes the kernel insists on: a ring buffer has no values, a perf event array has file descriptors
 * (kernel/bpf/ringbuf.c, kernel/bpf/arraymap.c).
 */
const VALUE_SIZES: ReadonlyMap<number, number> = new Map([
  [MapType.ringbuf, 0],
  [MapType.user_ringbuf, 0],
  [MapType.perf_event_array, 4],
])

/**
 * Lets `__type(value, struct event)` on a buffer name the type of its events.
 *
 * libbpf takes it for the size of the map's values and the kernel refuses the map; here it has
 * served its purpose once the codecs are made.
 */
export function resetEventValueSizes(object: bigint): void {
  for (const { pointer } of nativeMaps(object)) {
    const size = VALUE_SIZES.get(c.bpf_map__type(pointer))
    if (size === undefined || c.bpf_map__value_size(pointer) === size) continue
    c.bpf_map__set_value_size(pointer, size)
    if (size > 0 && c.bpf_map__key_size(pointer) === 0) c.bpf_map__set_key_size(pointer, 4)
  }
}
