import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { thrown } from '../../../test/thrown.ts'
import { hasTrampolines } from '../../../test/trampolines.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { BpfObject } from '../bpf-object.ts'

const controls = (): string =>
  readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8')

describe.runIf(hasTrampolines)('a TCP congestion control', () => {
  test('is registered by attach() and gone when the links are closed', () => {
    using spec = BpfObject.open(compileBpf('struct-ops.bpf.c'))
    using object = spec.load()
    {
      using links = object.attach()
      expect([...links].map(([name]) => name)).toEqual(['counting'])
      expect(controls()).toContain('bpf_counting')
    }
    expect(controls()).not.toContain('bpf_counting')
  })

  test('can be registered once', () => {
    using spec = BpfObject.open(compileBpf('struct-ops.bpf.c'))
    using object = spec.load()
    using link = object.attachStructOps('counting')
    expect(link.what).toBe("struct_ops 'counting'")
    thrown(BpfError, () => object.attachStructOps('counting'))
  })

  test('outlives its object until the link is closed', () => {
    using spec = BpfObject.open(compileBpf('struct-ops.bpf.c'))
    const object = spec.load()
    const link = object.attachStructOps('counting')
    object.close()
    expect(controls()).toContain('bpf_counting')
    link.close()
    expect(controls()).not.toContain('bpf_counting')
  })
})

test('a map that is not struct_ops cannot be registered', () => {
  using spec = BpfObject.open(compileBpf('basic.bpf.c'))
  using object = spec.load()
  const { hint } = thrown(BpfError, () => object.attachStructOps('counts'))
  expect(hint).toContain('SEC(".struct_ops")')
  expect(thrown(BpfError, () => object.attachStructOps('count')).hint).toContain("'counts'")
})
