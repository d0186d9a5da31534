import { bindLibbpf } from '../../ffi/libbpf.ts'

// Keys and values go to C as addresses: koffi passes a number faster than a buffer.
const lookupElem = bindLibbpf<(fd: number, key: number, value: number, flags: number) => number>(
  'int bpf_map_lookup_elem_flags(int fd, uintptr_t key, uintptr_t value, uint64_t flags)',
)
const updateElem = bindLibbpf<(fd: number, key: number, value: number, flags: number) => number>(
  'int bpf_map_update_elem(int fd, uintptr_t key, uintptr_t value, uint64_t flags)',
)
const deleteElem = bindLibbpf<(fd: number, key: number) => number>(
  'int bpf_map_delete_elem(int fd, uintptr_t key)',
)
const takeElem = bindLibbpf<(fd: number, key: number, value: number, flags: number) => number>(
  'int bpf_map_lookup_and_delete_elem_flags(int fd, uintptr_t key, uintptr_t value, uint64_t flags)',
)
const getNextKey = bindLibbpf<(fd: number, key: number, next: number) => number>(
  'int bpf_map_get_next_key(int fd, uintptr_t key, uintptr_t next)',
)

/** The element calls of bpf(2), through libbpf; each returns 0 or `-errno`. */
export interface ElementCalls {
  lookup(fd: number, key: number, value: number, flags: number): number
  update(fd: number, key: number, value: number, flags: number): number
  delete(fd: number, key: number): number
  take(fd: number, key: number, value: number, flags: number): number
  nextKey(fd: number, key: number, next: number): number
}

let calls: ElementCalls | undefined

/** The element calls, without a step of indirection: they are what a hot loop spends its time in. */
export function elementCalls(): ElementCalls {
  calls ??= {
    lookup: lookupElem.resolve(),
    update: updateElem.resolve(),
    delete: deleteElem.resolve(),
    take: takeElem.resolve(),
    nextKey: getNextKey.resolve(),
  }
  return calls
}
