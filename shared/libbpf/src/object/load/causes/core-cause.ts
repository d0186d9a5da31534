import { readFileSync } from 'node:fs'
import { Btf } from '../../../btf/btf.ts'
import { resolve } from '../../../btf/layout.ts'
import type { BtfMember } from '../../../btf/types.ts'
import type { BpfError } from '../../../errors/bpf-error.ts'
import { closest } from '../../../errors/closest.ts'
import { VerifierError } from '../../../errors/verifier-error.ts'
import { didYouMean } from '../../../program/attach/tracing/explain-names.ts'
import type { LoadFailure } from './load-error.ts'

const RELOCATION =
  /failed to resolve CO-RE relocation <(\w+)> \[\d+\] (?:(struct|union|enum|typedef) )?([^\s.:[]+)(?:(\.|::)([\w.]+))?/

/** The program reaches code that libbpf poisoned, because the kernel lacks a type, field or enum value. */
export function coreCause(_words: string, failure: LoadFailure): BpfError | undefined {
  for (const [program, log] of failure.logs) {
    const [, , keyword = 'type', flavour, separator, part = ''] = RELOCATION.exec(log) ?? []
    if (flavour === undefined) continue
    const type = flavour.replace(/___.*$/, '') // what follows ___ is the program's own business
    const btf = targetBtf(failure.btf)
    const hint =
      btf.find(type) === undefined
        ? missingType(keyword, type)
        : separator === '::'
          ? missingValue(type, part)
          : missingField(btf, keyword, type, part)
    const kernel = failure.btf === undefined ? 'This kernel' : `The kernel of ${failure.btf}`
    return new VerifierError({ program, log, errno: failure.errno, hint: `${kernel} has ${hint}` })
  }
  return undefined
}

/** The BTF that libbpf relocated against. */
function targetBtf(path: string | undefined): Btf {
  if (path === undefined) return Btf.kernel()
  const bytes = readFileSync(path)
  const isElf = bytes.toString('latin1', 1, 4) === 'ELF'
  return isElf ? Btf.fromElf(bytes) : Btf.parse(bytes)
}

function missingType(keyword: string, type: string): string {
  return (
    `no ${keyword} ${type}, and the program uses it.\n` +
    `If other kernels have it, go round it here: if (bpf_core_type_exists(${keyword} ${type})) …`
  )
}

function missingValue(type: string, value: string): string {
  return (
    `no ${value} in enum ${type}, and the program uses it.\n` +
    `If other kernels have it, go round it here: if (bpf_core_enum_value_exists(enum ${type}, ${value})) …`
  )
}

function missingField(btf: Btf, keyword: string, type: string, field: string): string {
  const name = field.split('.').at(-1) ?? field
  const names = didYouMean(closest(name, fieldNames(btf, type)))
  return (
    `no field '${field}' in ${keyword} ${type}, and the program reads it.\n` +
    `${names}What it has: bpftool btf dump file /sys/kernel/btf/vmlinux format c | grep -A 300 '^${keyword} ${type} {'\n` +
    `If other kernels have the field, go round it here: if (bpf_core_field_exists(pointer->${field})) …\n` +
    `If none has, vmlinux.h is of a kernel that is gone: make it anew.`
  )
}

function fieldNames(btf: Btf, type: string): Set<string> {
  const names = new Set<string>()
  const collect = (members: readonly BtfMember[]): void => {
    for (const { name, type: id } of members) {
      if (name !== '') names.add(name)
      else {
        const inner = resolve(btf, id)
        if (inner.kind === 'struct' || inner.kind === 'union') collect(inner.members)
      }
    }
  }
  for (const found of btf.findAll(type)) {
    if (found.kind === 'struct' || found.kind === 'union') collect(found.members)
  }
  return names
}
