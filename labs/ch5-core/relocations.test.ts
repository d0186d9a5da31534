import { globSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect } from 'vitest'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { Btf, coreRelocations, relocatedValue } from '@ebpf-labs/libbpf'
import { elsewhere } from './build/elsewhere.skel.ts'
import { relocations } from './build/relocations.skel.ts'

const [otherBtf = ''] = globSync(`${import.meta.dirname}/build/elsewhere/linux-*.btf`)
const tooOld = kernelTooOld('5.11') // for bpf_get_current_task_btf()
/** Labs are compiled with the types of 6.12 or newer, so on an older kernel nothing is compiled for just that one. */
const compiledForNewer = kernelTooOld('6.12')

const withCore = ['by_macro', 'by_steps', 'by_flavour'] as const
const always = [...withCore, 'without_core'] as const

/** Where a kernel has the two fields that the programs read, in bytes. */
function offsetsOf(btf: Btf): Record<string, bigint> {
  const members = btf.find('task_struct', 'struct')?.members ?? []
  return Object.fromEntries(
    ['real_parent', 'tgid'].map((field) => {
      const bits = members.find(({ name }) => name === field)?.bitOffset
      return [field, BigInt((bits ?? NaN) / 8)]
    }),
  )
}

const here = offsetsOf(Btf.kernel())
const there = offsetsOf(Btf.parse(readFileSync(otherBtf)))

/** Loads it for this process; keeps its relocations, and what libbpf said. */
function load(skeleton: typeof relocations, btf?: string) {
  const log: string[] = []
  const onMessage = ({ text }: { text: string }) => log.push(text)
  using spec = skeleton.open({ onMessage, ...(btf !== undefined && { btf }) })
  spec.data.rodata.target_pid = process.pid
  spec.programs.by_pointers.autoload = btf === undefined && tooOld === ''
  const skel = spec.load()
  afterAll(() => skel.close())
  const records = coreRelocations(readFileSync(skeleton.object)).map((one) => ({
    ...one,
    field: one.target.split('.').at(-1) ?? '',
  }))
  return { skel, records, log: log.join('') }
}

type Loaded = ReturnType<typeof load>

/** What libbpf put at the relocations of the programs that are always loaded. */
const patched = ({ skel, records }: Loaded) =>
  records.flatMap(({ program, slot, field }) => {
    const name = always.find((known) => known === program)
    if (name === undefined) return []
    return [{ program, slot, field, value: relocatedValue(skel.programs[name].instructions, slot) }]
  })

/** What the programs read when this process calls kill. */
function read({ skel }: Loaded) {
  using links = skel.attach()
  process.kill(process.pid, 0) // sends nothing: it only asks whether it could
  const { bss } = skel.data
  return Object.fromEntries(
    [...always, 'by_pointers' as const].map((name) => [name, bss[`parent_${name}`]]),
  )
}

test('the two kernels have the fields at different places', () => {
  expect(there['real_parent']).not.toBe(here['real_parent'])
  expect(there['tgid']).not.toBe(here['tgid'])
})

describe.for([
  ['compiled here', load(relocations), here],
  ['compiled elsewhere', load(elsewhere), there],
] as const)('the object %s', ([where, loaded, file]) => {
  test('has two relocations in each program with CO-RE, and none in the one without', () => {
    const found = loaded.records.map(({ program, field }) => `${program} ${field}`)
    const names = [...withCore, 'by_pointers']
    expect(found).toEqual(names.flatMap((name) => [`${name} real_parent`, `${name} tgid`]))
  })

  const notThisOne = where === 'compiled here' ? compiledForNewer : ''
  test.skipIf(notThisOne)(
    `has in the file the offsets of the kernel it was compiled for${notThisOne}`,
    () => {
      for (const { program, field, value } of loaded.records) {
        const own = field === 'tgid' ? 0n : 8n // in the struct that the source itself declares
        expect([program, field, value]).toEqual([
          program,
          field,
          program === 'by_flavour' ? own : file[field],
        ])
      }
    },
  )

  test('gets this kernel’s offsets when it is loaded, and libbpf’s log says the same', () => {
    const found = patched(loaded)
    expect(found).toHaveLength(2 * withCore.length)
    for (const { program, slot, field, value } of found) {
      expect(value).toBe(here[field])
      const line = new RegExp(
        `prog '${program}': relo #\\d: patched insn #${slot} .* -> (\\d+)$`,
        'm',
      )
      expect(line.exec(loaded.log)?.[1]).toBe(String(value))
    }
  })

  test('finds the parent of this process with CO-RE', () => {
    const found = read(loaded)
    for (const name of withCore) expect([name, found[name]]).toEqual([name, process.ppid])
  })

  test.skipIf(notThisOne)(
    `finds it without CO-RE only where it was compiled for this kernel${notThisOne}`,
    () => {
      const found = read(loaded)
      if (where === 'compiled here') expect(found['without_core']).toBe(process.ppid)
      // It reads what lies where the other kernel has the field.
      else expect(found['without_core']).not.toBe(process.ppid)
    },
  )

  test.skipIf(tooOld)(
    `follows pointers that the verifier knows without a macro, by loads that are patched${tooOld}`,
    () => {
      const { instructions } = loaded.skel.programs.by_pointers
      const own = loaded.records.filter(({ program }) => program === 'by_pointers')
      expect(own).toHaveLength(2)
      for (const { slot, field } of own) {
        expect(instructions[slot * 8]! & 7).toBe(1) // BPF_LDX
        expect(relocatedValue(instructions, slot)).toBe(here[field])
      }
      expect(read(loaded)['by_pointers']).toBe(process.ppid)
    },
  )

  test('looks at no other process', async ({ exec }) => {
    const { skel } = loaded
    const names = [...always, 'by_pointers' as const]
    for (const name of names) skel.data.bss[`parent_${name}`] = 0
    using links = skel.attach()
    await exec(['/bin/sh', '-c', 'kill -0 $$'])
    expect(names.map((name) => skel.data.bss[`parent_${name}`])).toEqual([0, 0, 0, 0, 0])
  })
})

const misled = load(relocations, otherBtf)

test('against the other kernel’s BTF, libbpf patches that kernel’s offsets, which are wrong here', () => {
  const found = patched(misled)
  expect(found).toHaveLength(2 * withCore.length)
  for (const { field, value } of found) expect(value).toBe(there[field])
  const parents = read(misled)
  for (const name of withCore) expect(parents[name]).not.toBe(process.ppid)
  // It was compiled for this kernel, and nobody touches it.
  if (compiledForNewer === '') expect(parents['without_core']).toBe(process.ppid)
})
