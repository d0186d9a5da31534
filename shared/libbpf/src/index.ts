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
