import type { Attributes } from './meaning.ts'

/** Names that libbpf gives to what it only tries out (libbpf's features.c). */
const tried = /^(?:libbpf_|det_arg_ctx$)/

/** Whether a name says that this is only a try. */
export const isProbeName = (name: string) => tried.test(name)

/** Whether what a call makes has no name, as it is with most tries: real maps and programs have one. */
export const isNameless = (a: Attributes) => `${a.text('map_name')}${a.text('prog_name')}` === ''

/** Instructions, and bytes of type information, that a try has at most. */
const SMALL_PROGRAM = 5
const SMALL_BTF = 200

/** Whether a call that the kernel refused was only a try: it is tiny, has no name, and nobody wants to know why. */
export function isRefusedTry(command: string, a: Attributes): boolean {
  const unexplained = Number(a.text('log_level') || a.text('btf_log_level')) === 0
  if (command === 'BPF_TOKEN_CREATE') return true // libbpf asks for one before everything else
  if (command === 'BPF_BTF_LOAD') return unexplained && Number(a.text('btf_size')) < SMALL_BTF
  if (command === 'BPF_PROG_LOAD')
    return unexplained && isNameless(a) && Number(a.text('insn_cnt')) <= SMALL_PROGRAM
  return false
}
