import { BpfError } from './bpf-error.ts'

/** Oldest versions that have a feature, as far as they are known. */
export interface Needs {
  /** Kernel release, `6.6`, or kernel configuration, `CONFIG_KPROBES=y`. */
  kernel?: string | undefined
  /** libbpf release, `1.3`. */
  libbpf?: string | undefined
}

/** This kernel or this libbpf does not have the feature. */
export class UnsupportedError extends BpfError {
  override name = 'UnsupportedError'
  readonly feature: string
  readonly needs: Needs

  /**
   * @param init.feature what is missing, as a noun: `tcx links`
   * @param init.have the version that is there instead
   */
  constructor(init: {
    feature: string
    needs: Needs
    operation?: string | undefined
    subject?: string | undefined
    target?: string | undefined
    have?: string | undefined
    errno?: number | undefined
    hint?: string | undefined
    cause?: unknown
  }) {
    const needs = [
      init.needs.kernel &&
        (/^\d/.test(init.needs.kernel) ? `Linux ${init.needs.kernel}` : init.needs.kernel),
      init.needs.libbpf && `libbpf ${init.needs.libbpf}`,
    ].filter(Boolean)
    super({
      operation: init.operation ?? `use ${init.feature}`,
      subject: init.subject,
      target: init.target,
      errno: init.errno,
      problem: `${init.feature} ${needs.length > 0 ? `needs ${needs.join(' and ')}` : 'is not supported'}${init.have ? `, this is ${init.have}` : ''}`,
      hint: init.hint,
      cause: init.cause,
    })
    this.feature = init.feature
    this.needs = init.needs
  }
}
