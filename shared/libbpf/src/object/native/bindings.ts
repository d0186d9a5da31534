import { bindLibbpf } from '../../ffi/libbpf.ts'
import type { Pointer } from '../../ffi/library.ts'

type Get<T> = (thing: bigint) => T
type Set<T> = (thing: bigint, value: T) => number

// bpf/libbpf.h, "struct bpf_object"
export const bpf_object__open_mem = bindLibbpf<
  (bytes: Uint8Array, size: number, opts: Uint8Array) => Pointer
>('void *bpf_object__open_mem(const void *, size_t, const void *)')
export const bpf_object__load = bindLibbpf<Get<number>>('int bpf_object__load(void *)')
export const bpf_object__next_map = bindLibbpf<(object: bigint, map: Pointer) => Pointer>(
  'void *bpf_object__next_map(const void *, const void *)',
)
export const bpf_object__next_program = bindLibbpf<(object: bigint, program: Pointer) => Pointer>(
  'void *bpf_object__next_program(const void *, void *)',
)

// bpf/libbpf.h, "struct bpf_map"
export const bpf_map__name = bindLibbpf<Get<string>>('const char *bpf_map__name(const void *)')
export const bpf_map__fd = bindLibbpf<Get<number>>('int bpf_map__fd(const void *)')
export const bpf_map__type = bindLibbpf<Get<number>>('int bpf_map__type(const void *)')
export const bpf_map__set_type = bindLibbpf<Set<number>>('int bpf_map__set_type(void *, int)')
export const bpf_map__max_entries = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__max_entries(const void *)',
)
export const bpf_map__set_max_entries = bindLibbpf<Set<number>>(
  'int bpf_map__set_max_entries(void *, uint32_t)',
)
export const bpf_map__map_flags = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__map_flags(const void *)',
)
export const bpf_map__set_map_flags = bindLibbpf<Set<number>>(
  'int bpf_map__set_map_flags(void *, uint32_t)',
)
export const bpf_map__numa_node = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__numa_node(const void *)',
)
export const bpf_map__set_numa_node = bindLibbpf<Set<number>>(
  'int bpf_map__set_numa_node(void *, uint32_t)',
)
export const bpf_map__key_size = bindLibbpf<Get<number>>('uint32_t bpf_map__key_size(const void *)')
export const bpf_map__set_key_size = bindLibbpf<Set<number>>(
  'int bpf_map__set_key_size(void *, uint32_t)',
)
export const bpf_map__value_size = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__value_size(const void *)',
)
export const bpf_map__set_value_size = bindLibbpf<Set<number>>(
  'int bpf_map__set_value_size(void *, uint32_t)',
)
export const bpf_map__ifindex = bindLibbpf<Get<number>>('uint32_t bpf_map__ifindex(const void *)')
export const bpf_map__set_ifindex = bindLibbpf<Set<number>>(
  'int bpf_map__set_ifindex(void *, uint32_t)',
)
export const bpf_map__map_extra = bindLibbpf<Get<number | bigint>>(
  'uint64_t bpf_map__map_extra(const void *)',
)
export const bpf_map__set_map_extra = bindLibbpf<Set<bigint>>(
  'int bpf_map__set_map_extra(void *, uint64_t)',
)
export const bpf_map__btf_key_type_id = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__btf_key_type_id(const void *)',
)
export const bpf_map__btf_value_type_id = bindLibbpf<Get<number>>(
  'uint32_t bpf_map__btf_value_type_id(const void *)',
)
export const bpf_map__is_internal = bindLibbpf<Get<boolean>>(
  'bool bpf_map__is_internal(const void *)',
)
export const bpf_map__autocreate = bindLibbpf<Get<boolean>>(
  'bool bpf_map__autocreate(const void *)',
)
export const bpf_map__set_autocreate = bindLibbpf<Set<boolean>>(
  'int bpf_map__set_autocreate(void *, bool)',
)
export const bpf_map__autoattach = bindLibbpf<Get<boolean>>(
  'bool bpf_map__autoattach(const void *)',
)
export const bpf_map__set_autoattach = bindLibbpf<Set<boolean>>(
  'int bpf_map__set_autoattach(void *, bool)',
)
export const bpf_map__pin_path = bindLibbpf<Get<string | null>>(
  'const char *bpf_map__pin_path(const void *)',
)
export const bpf_map__set_pin_path = bindLibbpf<Set<string | null>>(
  'int bpf_map__set_pin_path(void *, const char *)',
)
export const bpf_map__reuse_fd = bindLibbpf<Set<number>>('int bpf_map__reuse_fd(void *, int)')
export const bpf_map__set_inner_map_fd = bindLibbpf<Set<number>>(
  'int bpf_map__set_inner_map_fd(void *, int)',
)
export const bpf_map__inner_map = bindLibbpf<Get<Pointer>>('void *bpf_map__inner_map(void *)')
export const bpf_map__initial_value = bindLibbpf<(map: bigint, size: BigUint64Array) => Pointer>(
  'void *bpf_map__initial_value(void *, void *)',
)
export const bpf_map__set_initial_value = bindLibbpf<
  (map: bigint, data: Uint8Array, size: number) => number
>('int bpf_map__set_initial_value(void *, const void *, size_t)')
