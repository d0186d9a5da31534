import { expect, test } from 'vitest'
import { compileBpf } from '../test/compile.ts'
import { fuzz } from './run.ts'

test(
  'Node survives 300 damaged objects, and every failure is a BpfError',
  { timeout: 600_000 }, // an emulated arm64 that shares its processor is slow
  async () => {
    const objects = ['basic.bpf.c', 'maps.bpf.c', 'sections.bpf.c', 'layouts.bpf.c'].map((source) =>
      compileBpf(source),
    )
    const { counts, findings } = await fuzz({ seed: 1, rounds: 300, objects })
    expect(findings).toEqual([])
    // Damage that nobody notices, or that everybody does, would test nothing.
    expect(counts['refused at open']).toBeGreaterThan(30)
    expect(counts['refused at load']).toBeGreaterThan(6)
    expect(counts['loaded']).toBeGreaterThan(30)
  },
)
