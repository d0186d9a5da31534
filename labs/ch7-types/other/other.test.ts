import { closeSync, readFileSync } from 'node:fs'
import { test } from '@ebpf-labs/harness'
import { expect } from 'vitest'
import { struct_ops as structOpsSkeleton } from '../build/other/struct_ops.skel.ts'
import { syscall as skeleton } from '../build/other/syscall.skel.ts'
import { lackingOf } from '../lacking.ts'
import { routeThrough, sendAndAsk, structOps } from './struct_ops.ts'
import { makeMap, syscall } from './syscall.ts'

const controls = '/proc/sys/net/ipv4/tcp_available_congestion_control'

const tooOld = lackingOf(syscall)

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
      expect(map).toMatch(/^key_size:\s+4$/m)
      expect(map).toMatch(/^value_size:\s+8$/m)
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

const lacks = lackingOf(structOps)

test.skipIf(lacks !== '')(
  `a struct_ops program takes the place of a function of TCP, for connections that choose it${lacks}`,
  async () => {
    using skel = structOpsSkeleton.open().load()
    {
      using links = skel.attach()
      using route = routeThrough('ch7_types')
      const { port, info } = await sendAndAsk(route.address, 23)
      expect(skel.data.bss).toMatchObject({ port, acknowledged: 1 })
      expect(info).toMatch(/ ch7_types .*\bcwnd:7\b/)

      const other = await sendAndAsk('127.0.0.1', 23)
      expect(other.info).not.toContain('ch7_types')
      expect(skel.data.bss).toMatchObject({ port, acknowledged: 1 })
    }
    expect(readFileSync(controls, 'utf8')).not.toContain('ch7_types')
  },
)

test.skipIf(lacks !== '')(`the show of struct_ops tells the window${lacks}`, async () => {
  expect(await structOps.show()).toMatchObject([{ saw: { acknowledged: 1 }, outcome: 'cwnd:7' }])
})
