import { BpfError } from '../src/errors/bpf-error.ts'
import { BpfObject } from '../src/object/bpf-object.ts'
import { compileBpf } from './compile.ts'

/**
 * Whether programs may be put into kernel functions (fentry, lsm, struct_ops, freplace). Some hosts forbid it even to
 * root; the labs' machine must not.
 */
export const hasTrampolines = process.env['EBPF_LABS_GUEST'] === '1' || loads()

function loads(): boolean {
  using spec = BpfObject.open(compileBpf('tracing.bpf.c'))
  spec.program('on_fentry').autoload = true
  try {
    spec.load().close()
    return true
  } catch (error) {
    if (error instanceof BpfError && error.code === 'EPERM') return false
    throw error
  }
}
