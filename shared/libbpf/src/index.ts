// btf
export { Btf } from './btf/btf.ts'
export { type BtfExt, type CoreRelocation, parseBtfExt } from './btf/ext.ts'
export { formatType, formatWithDependencies } from './btf/format-c.ts'
export type { BtfKind } from './btf/kinds.ts'
export { alignOf, resolve, sizeOf } from './btf/layout.ts'
export type * from './btf/types.ts'

// codec
export { array, bytes, typedArray } from './codec/arrays.ts'
export { bits, boolBits, wideBits } from './codec/bits.ts'
export { chars } from './codec/chars.ts'
export { type Codec, type Decoded, decode, encode, zeroFill } from './codec/codec.ts'
export { codecFor } from './codec/codec-for.ts'
export { member, overlay, struct, union, unnamed } from './codec/composite.ts'
export { restArray, restBytes, restChars, restTypedArray } from './codec/flexible.ts'
export { bool, f32, f64, i128, i16, i32, i64, i64AsNumber, i8 } from './codec/scalars.ts'
export { u128, u16, u32, u64, u64AsNumber, u8 } from './codec/scalars.ts'
export { section } from './codec/section.ts'

// elf
export { type ElfFile, parseElf } from './elf/elf.ts'

// errors
export { BpfError } from './errors/bpf-error.ts'
export type { BpfErrorInit } from './errors/bpf-error.ts'
export { ClosedError } from './errors/closed-error.ts'
export { UnsupportedError } from './errors/unsupported-error.ts'
export type { Needs } from './errors/unsupported-error.ts'
export { VerifierError } from './errors/verifier-error.ts'

// ffi
export { libbpfAtLeast, libbpfVersion } from './ffi/libbpf.ts'

// link
export { Link } from './link/link.ts'
export { Links } from './link/links.ts'
export type { LinkInfo } from './link/info.ts'
export type { LinkType } from './link/link-types.ts'

// maps
export { type CreateMapOptions, createMap } from './maps/create.ts'
export { ArrayMap } from './maps/kinds/array-map.ts'

// object
export { BpfObject } from './object/bpf-object.ts'
export { BpfObjectSpec } from './object/object-spec.ts'
export { MapSpec } from './object/map-spec.ts'
export type { ObjectCodecs, OpenOptions } from './object/options.ts'
export type { AnyShape, Shape } from './object/shape.ts'
export type { ObjectSource } from './object/source.ts'

// program
export { Program } from './program/program.ts'
export { ProgramSpec } from './program/program-spec.ts'
export type { AttachType } from './program/attach-types.ts'
export type { ProgramInfo } from './program/info.ts'
export type { ProgramType } from './program/program-types.ts'
export type { TestRunOptions, TestRunResult } from './program/test-run.ts'

// skeleton
export { type Skeleton, type SkeletonOptions, skeleton } from './skeleton/define.ts'
export { generateSkeleton } from './skeleton/generate.ts'
