import { readFileSync } from 'node:fs'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { closeSync } from 'node:fs'
import { expect } from 'vitest'
import { syscall as skeleton } from '../build/other/syscall.skel.ts'
import { makeMap, syscall } from './syscall.ts'

const tooOld = kernelTooOld(syscall.since)

test.skipIf(tooOld !== '')(
  `a syscall program runs when it is asked to, reads its caller's struct and makes a map for it${tooOld}`,
  () => {
    using skel = skeleton.open().load()
    for (const entries of [2, 23]) {
      const [asked, pid, fd] = makeMap(skel.programs.make_map, entries)
      expect([asked, pid]).toEqual([entries, process.pid])
      const map = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
      closeSync(fd)
      expect(map).toMatch(new RegExp(`^max_entries:\\s+${entries}$`, 'm'))
      expect(map).toMatch(/^map_type:\s+2$/m) // BPF_MAP_TYPE_ARRAY
    }
    const [, , refused] = makeMap(skel.programs.make_map, 0)
    expect(refused).toBe(-22) // EINVAL: the kernel's answer to the program, which returned it
  },
)

test.skipIf(tooOld !== '')(`the show of syscall tells what it made${tooOld}`, async () => {
  expect(await syscall.show()).toMatchObject([
    { saw: { pid: process.pid, entries: 2 }, outcome: 'a map of 2 entries' },
    { saw: { pid: process.pid, entries: 23 }, outcome: 'a map of 23 entries' },
  ])
})
