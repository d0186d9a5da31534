/** Lines that end a log or show state instead of naming the fault (kernel/bpf/verifier.c, kernel/bpf/log.c). */
const NOT_THE_FAULT =
  /^(processed \d+ insns|verification time|stack depth|peak_states|mark_precise|func#|;|\d+: [(R]|from \d+|R\d+=|arg#\d+ reference type|$)/

/**
 * The verifier's verdict: the last line of its log that says what is wrong.
 * @returns one line, without the statistics and instructions around it
 */
export function summarizeVerifierLog(log: string): string {
  const lines = log.split('\n').map((line) => line.trim())
  const fault = lines.findLast((line) => !NOT_THE_FAULT.test(line))
  return fault ?? lines.findLast((line) => line !== '') ?? 'it gave no reason'
}
