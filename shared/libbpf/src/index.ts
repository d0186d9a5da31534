// errors
export { BpfError } from './errors/bpf-error.ts'
export type { BpfErrorInit } from './errors/bpf-error.ts'
export { ClosedError } from './errors/closed-error.ts'
export { UnsupportedError } from './errors/unsupported-error.ts'
export type { Needs } from './errors/unsupported-error.ts'
export { VerifierError } from './errors/verifier-error.ts'

// ffi
export { libbpfAtLeast, libbpfVersion } from './ffi/libbpf.ts'
