import { closeSync, readFileSync } from 'node:fs'
import { syscall as skeleton } from '../build/other/syscall.skel.ts'
import type { Hook } from '../hook.ts'

export const syscall: Hook = {
  name: 'syscall',
  group: 'other',
  section: 'syscall',
  when: 'user space runs it: bpf(BPF_PROG_RUN)',
  context: 'a struct from its caller, which it may change',
  returns: 'goes to the caller',
  since: '5.14',
  show() {
    using skel = skeleton.open().load()
    return [2, 23].map((entries) => {
      const [asked, pid, fd] = makeMap(skel.programs.make_map, entries)
      const outcome = fd < 0 ? `error ${-fd}` : describeAndClose(fd)
      return { did: `ran it with { entries: ${entries} }`, saw: { pid, entries: asked }, outcome }
    })
  },
}

type Runnable = Pick<
  ReturnType<ReturnType<typeof skeleton.open>['load']>['programs']['make_map'],
  'testRun'
>

/** @returns the two members of struct map_request, and the descriptor that the program returned */
export function makeMap(program: Runnable, entries: number): [number, number, number] {
  const { ctx, retval } = program.testRun({
    ctx: new Uint8Array(Uint32Array.of(entries, 0).buffer),
  })
  const [asked = 0, pid = 0] = new Uint32Array(ctx.buffer, ctx.byteOffset, 2)
  return [asked, pid, retval]
}

/** What /proc says of a map that this process now holds. */
function describeAndClose(fd: number): string {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
  closeSync(fd)
  return `a map of ${/^max_entries:\s+(\d+)/m.exec(text)?.[1]} entries`
}
