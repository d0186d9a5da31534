import { expect, test } from 'vitest'
import { thrown } from '../../../test/thrown.ts'
import { BpfError } from '../../errors/bpf-error.ts'
import { probeMapType } from '../../probe/map-types.ts'
import { assemble } from '../../raw/insn/assemble.ts'
import { progLoad } from '../../raw/prog-load.ts'
import { xlated } from '../../raw/xlated.ts'
import { createMap } from '../create.ts'

const BPF_PROG_TYPE_SOCKET_FILTER = 1

test.skipIf(!probeMapType('insn_array').supported)(
  'an array of instructions tells where the kernel put them (Linux 6.19)',
  () => {
    using map = createMap({ type: 'insn_array', name: 'jump_table', maxEntries: 2 })
    expect(thrown(BpfError, () => map.set(0, { original: -1 })).message).toContain('original')
    map.set(0, { original: 0 })
    map.set(1, { original: 2 })
    map.freeze()
    // The verifier puts three instructions in the place of this call (kernel/bpf/verifier.c, do_misc_fixups).
    const insns = assemble('call bpf_jiffies64#118\nr0 = 0\nexit')
    using program = progLoad({
      prog_type: BPF_PROG_TYPE_SOCKET_FILTER,
      insns,
      fd_array: new Int32Array([map.fd]),
      fd_array_cnt: 1,
    }).fd
    const { bytes } = xlated(program)
    expect(map.get(0)).toMatchObject({ original: 0, xlated: 0 })
    expect(map.get(1)).toMatchObject({ original: 2, xlated: bytes.length / 8 - 1 })
    expect(bytes.length).toBeGreaterThan(insns.length)
    expect(map.get(1)?.jited).toBeGreaterThan(map.get(0)?.jited ?? 0)
  },
)
