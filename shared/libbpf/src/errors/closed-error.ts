import { BpfError } from './bpf-error.ts'

/** Something was used after it, or the object that keeps it alive, was closed. */
export class ClosedError extends BpfError {
  override name = 'ClosedError'

  /**
   * @param operation what was tried, for example `read map`
   * @param subject name of the thing that is closed
   * @param what which thing was closed, if it was not the subject itself: `its object 'execsnoop'`
   */
  constructor(operation: string, subject?: string, what = 'it') {
    super({
      operation,
      subject,
      problem: `${what} is closed`,
      hint: 'Use it only inside the block of its `using` declaration, or before close().',
    })
  }
}
