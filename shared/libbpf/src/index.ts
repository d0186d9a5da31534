// btf
export { Btf } from './btf/btf.ts'
export { coreRelocations, type RelocatedInsn, relocatedValue } from './btf/core/relocations.ts'
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

// events
export type { DropOptions } from './events/drop-counter.ts'
export { EventReader, type ReaderOptions } from './events/event-reader.ts'
export { MergedEvents, mergeEvents, type NamedEvent, type NamedReaders } from './events/merge.ts'
export { PerfEventArray } from './events/perf-event-array.ts'
export { type PerfOptions, PerfReader, type PerfSample } from './events/perf-reader.ts'
export { RecordView } from './events/record-view.ts'
export { RingBufMap } from './events/ring-buf-map.ts'
export { type RingBufOptions, RingBufReader } from './events/ring-buf-reader.ts'
export { UserRingBufMap } from './events/user-ring-buf-map.ts'
export { type UserSample, UserRingBufWriter } from './events/user-ring-buf-writer.ts'

// ffi
export type { LibbpfMessage } from './ffi/print.ts'
export { libbpfAtLeast, libbpfVersion } from './ffi/libbpf.ts'

// link
export { Link } from './link/link.ts'
export { Links } from './link/links.ts'
export type { LinkInfo } from './link/info.ts'
export type { LinkType } from './link/link-types.ts'

// maps
export { BpfMap } from './maps/bpf-map.ts'
export { type CreateMapOptions, createMap } from './maps/create.ts'
export type { FdSource } from './maps/fd-codec.ts'
export { type LookupOptions, MapFlag, type UpdateOptions } from './maps/flags.ts'
export type { MapInfo } from './maps/info.ts'
export { ArenaMap } from './maps/kinds/arena-map.ts'
export { ArrayMap } from './maps/kinds/array-map.ts'
export { BloomFilter } from './maps/kinds/bloom-filter.ts'
export { FdMap } from './maps/kinds/fd-map.ts'
export { HashMap } from './maps/kinds/hash-map.ts'
export { InsnArray, type InsnOffset } from './maps/kinds/insn-array.ts'
export { KeyedMap } from './maps/kinds/keyed-map.ts'
export { type LpmKey, LpmTrieMap } from './maps/kinds/lpm-trie-map.ts'
export { MapOfMaps } from './maps/kinds/map-of-maps.ts'
export { PerCpuArrayMap, PerCpuHashMap } from './maps/kinds/per-cpu-maps.ts'
export { ProgArray } from './maps/kinds/prog-array.ts'
export { QueueMap } from './maps/kinds/queue-map.ts'
export { CpuMap, type CpuMapEntry, DevMap, type DevMapEntry } from './maps/kinds/redirect-maps.ts'
export { StackTraceMap } from './maps/kinds/stack-trace-map.ts'
export { StorageMap, type StorageOwner } from './maps/kinds/storage-map.ts'
export type { MapCodecs } from './maps/map.ts'
export type { MapFor } from './maps/map-for.ts'
export { MapType, type MapTypeName } from './maps/map-type.ts'
export { MappedArray } from './maps/mapped-array.ts'
export { type ExistingMapOptions, openMapById, openPinnedMap } from './maps/open.ts'
export { possibleCpus } from './maps/possible-cpus.ts'

// object
export { BpfObject } from './object/bpf-object.ts'
export { BpfObjectSpec } from './object/object-spec.ts'
export { MapSpec } from './object/map-spec.ts'
export type { ObjectCodecs, OpenOptions } from './object/options.ts'
export type { AnyShape, Shape } from './object/shape.ts'
export type { ObjectSource } from './object/source.ts'

// probe
export { ATTACH_KINDS, type AttachKind, probeAttachKind } from './probe/attach-kinds.ts'
export { formatObjectReport } from './probe/format-report.ts'
export { probeHelper, probeHelpers } from './probe/helpers.ts'
export { type KernelFeatures, kernelConfig, probeKernel } from './probe/kernel.ts'
export { probeMapType } from './probe/map-types.ts'
export type { MapReport, ObjectReport, Problem, ProgramReport } from './probe/object.ts'
export { probeObject } from './probe/object.ts'
export { probeProgramType } from './probe/program-types.ts'
export type { ProbeResult } from './probe/result.ts'

// program
export { Program } from './program/program.ts'
export { ProgramSpec } from './program/program-spec.ts'
export type { AttachType } from './program/attach-types.ts'
export type { CgroupOptions } from './program/attach/network/cgroup.ts'
export type { IterOptions } from './program/attach/tracing/iter.ts'
export type { KprobeOptions } from './program/attach/tracing/kprobe.ts'
export type { OrderOptions } from './program/attach/network/link-opts.ts'
export type {
  KprobeTargets,
  MultiOptions,
  UprobeMultiOptions,
} from './program/attach/tracing/multi.ts'
export type { NetfilterOptions } from './program/attach/network/netfilter.ts'
export type { PerfEventOptions } from './program/attach/tracing/perf-event.ts'
export type { TcOptions } from './program/attach/network/tc.ts'
export type { Direction } from './program/attach/network/tcx.ts'
export type { CookieOption } from './program/attach/tracing/tracepoint.ts'
export type { UprobeOptions } from './program/attach/tracing/uprobe.ts'
export type { UsdtOptions } from './program/attach/tracing/usdt.ts'
export type { XdpOptions } from './program/attach/network/xdp.ts'
export type { LineInfo, ProgramInfo } from './program/info.ts'
export { PROGRAM_TYPES, type ProgramType } from './program/program-types.ts'
export type { TestRunOptions, TestRunResult } from './program/test-run.ts'

// raw
export { type BpfAttr, type HasFd } from './raw/attr.ts'
export { bpf, tryBpf } from './raw/bpf.ts'
export { BPF_COMMANDS, type BpfCommand } from './raw/commands.ts'
export { Fd } from './raw/fd.ts'
export { assemble, assembleInsns } from './raw/insn/assemble.ts'
export { disassemble, disassembleProgram } from './raw/insn/disassemble.ts'
export { helperId, helperName } from './raw/insn/helper-names.ts'
export { type Insn, decodeInsns, encodeInsns } from './raw/insn/insn.ts'
export { type ObjectInfo, type ObjectKind, objectIds, objectInfo, openById } from './raw/objects.ts'
export { PERF_COUNT_SW, PERF_FLAG, PERF_TYPE, PerfEvent } from './raw/perf-event.ts'
export { perfEventOpen, pmuType, tracepointId } from './raw/perf-event.ts'
export { btfLoad, mapCreate, progLoad } from './raw/prog-load.ts'
export { type Xlated, xlated } from './raw/xlated.ts'

// skeleton
export { type Skeleton, type SkeletonOptions, skeleton } from './skeleton/define.ts'
export { generateSkeleton } from './skeleton/generate.ts'

// system
export { btfs, enableStats, links, maps, programs } from './system/lists.ts'
export type { BtfInfo, SystemBtf, SystemLink, SystemMap, SystemProgram } from './system/lists.ts'
export { insideNetns } from './system/netns.ts'
export type { Owner } from './system/owners.ts'

// verifier
export { registerInWords } from './verifier/describe.ts'
export { type Explanation, explainVerifierLog } from './verifier/explain.ts'
export { formatExplanation } from './verifier/format.ts'
export { type HistoryEntry, registerHistory, registersBefore } from './verifier/history.ts'
export type { LogStep, SourceLine, VerifierLog, VerifierStatistics } from './verifier/log.ts'
export { parseVerifierLog } from './verifier/parse.ts'
export { type RegisterState, parseRegisters } from './verifier/registers.ts'
export type { ReportEntry, VerifierReport } from './verifier/report.ts'
