import { MapType } from '../../maps/map-type.ts'
import * as c from '../native/bindings.ts'
import { nativeMaps } from '../native/object-maps.ts'

/** A perf event array holds a file descriptor per CPU. */
const FD_SIZE = 4

/**
 * Takes the event's type out of the sizes of ring buffers and perf event arrays: `__type(value, struct
 * event)` tells user space what to decode, but libbpf passes it on as value_size, which the kernel
 * refuses (ringbuf_map_alloc in kernel/bpf/ringbuf.c, fd_array_map_alloc_check in arraymap.c).
 */
export function clearEventSizes(object: bigint): void {
  for (const { pointer } of nativeMaps(object)) {
    const type = c.bpf_map__type(pointer)
    if (type === MapType.ringbuf || type === MapType.user_ringbuf) {
      c.bpf_map__set_key_size(pointer, 0)
      c.bpf_map__set_value_size(pointer, 0)
    } else if (type === MapType.perf_event_array) {
      c.bpf_map__set_key_size(pointer, FD_SIZE)
      c.bpf_map__set_value_size(pointer, FD_SIZE)
    }
  }
}
