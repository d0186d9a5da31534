import koffi from 'koffi'
import { bindLibbpf } from '../ffi/libbpf.ts'
import type { Pointer } from '../ffi/library.ts'

type Get<T> = (program: bigint) => T
type Set<T> = (program: bigint, value: T) => number

// bpf/libbpf.h, "struct bpf_program"
export const bpf_program__name = bindLibbpf<Get<string>>(
  'const char *bpf_program__name(const void *)',
)
export const bpf_program__section_name = bindLibbpf<Get<string>>(
  'const char *bpf_program__section_name(const void *)',
)
export const bpf_program__fd = bindLibbpf<Get<number>>('int bpf_program__fd(const void *)')
export const bpf_program__type = bindLibbpf<Get<number>>('int bpf_program__type(const void *)')
export const bpf_program__set_type = bindLibbpf<Set<number>>(
  'int bpf_program__set_type(void *, int)',
)
export const bpf_program__expected_attach_type = bindLibbpf<Get<number>>(
  'int bpf_program__expected_attach_type(const void *)',
)
export const bpf_program__set_expected_attach_type = bindLibbpf<Set<number>>(
  'int bpf_program__set_expected_attach_type(void *, int)',
)
export const bpf_program__autoload = bindLibbpf<Get<boolean>>(
  'bool bpf_program__autoload(const void *)',
)
export const bpf_program__set_autoload = bindLibbpf<Set<boolean>>(
  'int bpf_program__set_autoload(void *, bool)',
)
export const bpf_program__autoattach = bindLibbpf<Get<boolean>>(
  'bool bpf_program__autoattach(const void *)',
)
export const bpf_program__set_autoattach = bindLibbpf<(program: bigint, value: boolean) => void>(
  'void bpf_program__set_autoattach(void *, bool)',
)
export const bpf_program__flags = bindLibbpf<Get<number>>(
  'uint32_t bpf_program__flags(const void *)',
)
export const bpf_program__set_flags = bindLibbpf<Set<number>>(
  'int bpf_program__set_flags(void *, uint32_t)',
)
export const bpf_program__log_level = bindLibbpf<Get<number>>(
  'uint32_t bpf_program__log_level(const void *)',
)
export const bpf_program__set_log_level = bindLibbpf<Set<number>>(
  'int bpf_program__set_log_level(void *, uint32_t)',
)
export const bpf_program__set_ifindex = bindLibbpf<(program: bigint, ifindex: number) => void>(
  'void bpf_program__set_ifindex(void *, uint32_t)',
)
export const bpf_program__set_attach_target = bindLibbpf<
  (program: bigint, programFd: number, name: string | null) => number
>('int bpf_program__set_attach_target(void *, int, const char *)')
const bpf_program__insns = bindLibbpf<Get<bigint>>('void *bpf_program__insns(const void *)')
const bpf_program__insn_cnt = bindLibbpf<Get<number | bigint>>(
  'size_t bpf_program__insn_cnt(const void *)',
)
export const bpf_program__pin = bindLibbpf<(program: bigint, path: string) => number>(
  'int bpf_program__pin(void *, const char *)',
)
export const bpf_program__attach = bindLibbpf<Get<Pointer>>(
  'void *bpf_program__attach(const void *)',
)

/** A copy of a program's instructions, 8 bytes each; load() relocates them in place. */
export function instructionsOf(program: bigint): Uint8Array {
  const bytes = Number(bpf_program__insn_cnt(program)) * 8
  return new Uint8Array(koffi.view(bpf_program__insns(program), bytes)).slice()
}
