/** Shows the types that the kernel has, those of a map and a program, and what loading changes in them. */
import { readFileSync } from 'node:fs'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { Btf, btfs, sizeOf } from '@ebpf-labs/libbpf'
import { allTypes, notation, placeOf, typeName } from './btf-notation.ts'
import { hello_core } from './build/hello-core.skel.ts'

const options = {
  struct: {
    type: 'string',
    value: 'NAME',
    default: 'file_system_type',
    help: 'shown with offsets',
  },
  typedef: { type: 'string', value: 'NAME', default: 'btf_bpf_trace_printk', help: 'followed' },
} as const

await loader('a tour of BTF: kernel, map, program, file', options, (run) => {
  const kernel = Btf.kernel()
  const show = (lines: readonly string[], record: Record<string, unknown>) =>
    run.event(lines.join('\n'), record)
  using spec = hello_core.open()
  spec.programs.hello_core.autoattach = false // it is looked at, and does not run
  using skel = spec.load()
  const { messages } = skel.maps
  const program = skel.programs.hello_core.info()

  run.say('1. BTF that the kernel holds')
  for (const { id, name, size, kernel: own } of btfs())
    show([`   ${id}: ${name || '(a program’s and its maps’)'}, ${size} bytes`], {
      id,
      name,
      size,
      own,
    })

  run.say(`\n2. struct ${run.options.struct}, as this kernel lays it out`)
  const struct = kernel.find(run.options.struct, 'struct')
  if (!struct) throw unknown(kernel, 'struct', run.options.struct)
  run.say('   OFFSET    SIZE  MEMBER')
  for (const member of struct.members) {
    const { at, size } = placeOf(kernel, member)
    const { name } = member
    const type = typeName(kernel, member.type)
    show([`   ${at.padStart(6)}  ${size.padStart(6)}  ${name || '(anonymous)'}: ${type}`], {
      name,
      type,
      at,
      size,
    })
  }
  run.say(`   ${String(struct.size).padStart(6)}          in all`)

  run.say(`\n3. From ${run.options.typedef} to what it stands for`)
  const typedef = kernel.find(run.options.typedef, 'typedef')
  if (!typedef) throw unknown(kernel, 'typedef', run.options.typedef)
  for (const type of chain(kernel, typedef.id))
    show(
      notation(kernel, type).map((line) => `   ${line}`),
      { id: type.id, kind: type.kind, name: type.name },
    )

  run.say('\n4. The types of a map and of a program that are loaded')
  const { btfId, btfKeyTypeId: key, btfValueTypeId: value } = messages.info()
  const loaded = Btf.byId(btfId)
  for (const [what, id] of [
    ['key', key],
    ['value', value],
  ] as const)
    show([`   map messages, ${what}: ${typeName(loaded, id)}, ${sizeOf(loaded, id)} bytes`], {
      map: 'messages',
      btfId,
      [what]: id,
    })
  const main = loaded.find('hello_core', 'func')
  for (const type of chain(loaded, main?.id ?? 0))
    show(
      notation(loaded, type).map((line) => `   ${line}`),
      { program: 'hello_core', btfId: program.btfId, id: type.id, kind: type.kind },
    )

  run.say('\n5. What is different in the file (<) and in the kernel (>)')
  const after = allTypes(loaded)
  for (const [id, lines] of allTypes(Btf.fromElf(readFileSync(hello_core.object)))) {
    const now = after.get(id) ?? []
    if (lines.join() === now.join()) continue
    show([...lines.map((line) => ` < ${line}`), ...now.map((line) => ` > ${line}`)], {
      id,
      file: lines,
      loaded: now,
    })
  }
})

/** The type, what it refers to, what that refers to, up to one that is no more a name, pointer or qualifier of another. */
function* chain(btf: Btf, id: number) {
  for (let type = btf.type(id); ; type = btf.type(type.type)) {
    yield type
    if (type.kind === 'void' || !('type' in type) || type.kind === 'array') return
  }
}

function unknown(btf: Btf, kind: string, name: string): UsageError {
  const others = btf.findAll(name).map((type) => type.kind)
  const hint =
    others.length > 0
      ? `There is a ${others.join(' and a ')} of that name.`
      : `All of them: bpftool btf dump file /sys/kernel/btf/vmlinux | grep ${kind.toUpperCase()}`
  return new UsageError(`This kernel has no ${kind} ${name}.\n${hint}`)
}
