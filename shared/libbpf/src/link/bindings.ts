import { bindLibbpf } from '../ffi/libbpf.ts'
import type { Pointer } from '../ffi/library.ts'

// bpf/libbpf.h, "struct bpf_link"
export const bpf_link__fd = bindLibbpf<(link: bigint) => number>('int bpf_link__fd(const void *)')
export const bpf_link__open = bindLibbpf<(path: string) => Pointer>(
  'void *bpf_link__open(const char *)',
)
export const bpf_link__pin = bindLibbpf<(link: bigint, path: string) => number>(
  'int bpf_link__pin(void *, const char *)',
)
export const bpf_link__unpin = bindLibbpf<(link: bigint) => number>('int bpf_link__unpin(void *)')
export const bpf_link__pin_path = bindLibbpf<(link: bigint) => string | null>(
  'const char *bpf_link__pin_path(const void *)',
)
export const bpf_link__destroy = bindLibbpf<(link: bigint) => number>(
  'int bpf_link__destroy(void *)',
)
export const bpf_link__update_map = bindLibbpf<(link: bigint, map: bigint) => number>(
  'int bpf_link__update_map(void *, const void *)',
)

// bpf/bpf.h
export const bpf_link_detach = bindLibbpf<(fd: number) => number>('int bpf_link_detach(int)')
export const bpf_link_update = bindLibbpf<
  (fd: number, programFd: number, opts: Uint8Array) => number
>('int bpf_link_update(int, int, const void *)')
export const bpf_link_create = bindLibbpf<
  (programFd: number, target: number, attachType: number, opts: Uint8Array | null) => number
>('int bpf_link_create(int, int, int, const void *)')
export const bpf_iter_create = bindLibbpf<(fd: number) => number>('int bpf_iter_create(int)')
export const bpf_link_get_fd_by_id = bindLibbpf<(id: number) => number>(
  'int bpf_link_get_fd_by_id(uint32_t)',
)
export const bpf_obj_pin = bindLibbpf<(fd: number, path: string) => number>(
  'int bpf_obj_pin(int, const char *)',
)
export const bpf_obj_get = bindLibbpf<(path: string) => number>('int bpf_obj_get(const char *)')
export const bpf_obj_get_info_by_fd = bindLibbpf<
  (fd: number, info: Uint8Array, length: Uint32Array) => number
>('int bpf_obj_get_info_by_fd(int, void *, void *)')
