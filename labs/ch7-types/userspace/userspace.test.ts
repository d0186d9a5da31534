import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, promises, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { afterEach, beforeEach, expect } from 'vitest'
import { uprobe as uprobeSkeleton } from '../build/userspace/uprobe.skel.ts'
import { uprobe_multi as uprobeMultiSkeleton } from '../build/userspace/uprobe-multi.skel.ts'
import { uretprobe as uretprobeSkeleton } from '../build/userspace/uretprobe.skel.ts'
import { usdt as usdtSkeleton } from '../build/userspace/usdt.skel.ts'
import { fires } from '../fires.ts'
import { lackingOf } from '../lacking.ts'
import { temporaryFolder } from '../watch.ts'
import { compileOven } from './oven.ts'
import { uprobe } from './uprobe.ts'
import { attach, uprobeMulti } from './uprobe-multi.ts'
import { uretprobe } from './uretprobe.ts'
import { usdt } from './usdt.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const path = (name: number | string) => join(folder.path, `${name}`)

/** Another function, and the same one in another thread and another process. */
async function near() {
  rmdirSync(path(23))
  await promises.mkdir(path('by another thread'))
  execFileSync('mkdir', [path('by another process')])
}

test('a uprobe sees what a function of the C library is given', async () => {
  const [sighting] = await uprobe.show()
  const made = String(sighting?.saw?.['path'])
  expect(sighting).toEqual({
    did: `mkdir("${made}", 0750)`,
    saw: { path: expect.stringMatching(/\/new$/), mode: '0750' },
  })
  expect(await fires(uprobeSkeleton, (n) => mkdirSync(path(n), 0o700), near)).toEqual({
    path: path(23),
    mode: 0o700,
  })
})

test('a uretprobe sees what a function of the C library returns', async () => {
  expect(await uretprobe.show()).toEqual([
    { did: 'mkdir("new")', saw: { returned: 0 }, outcome: 'done' },
    { did: 'mkdir("new") once more', saw: { returned: -1 }, outcome: 'EEXIST' },
  ])
  expect(await fires(uretprobeSkeleton, (n) => mkdirSync(path(n)), near)).toEqual({ returned: 0 })
})

const tooOld = kernelTooOld('6.6') // before that, a link does not tell

test.skipIf(tooOld !== '')(
  `a uprobe is at the entry of its function, and a uretprobe at the return${tooOld}`,
  () => {
    using entry = uprobeSkeleton.open().load()
    using exit = uretprobeSkeleton.open().load()
    using called = entry.programs.on_mkdir.attach()
    using returned = exit.programs.on_mkdir.attach()
    expect(called.info()).toMatchObject({ event: 'uprobe' })
    expect(returned.info()).toMatchObject({ event: 'uretprobe' })
  },
)

const lacks = lackingOf(uprobeMulti)

test.skipIf(lacks !== '')(
  `uprobe.multi sees two functions of the C library, and which of them was called${lacks}`,
  async () => {
    const [made, removed] = await uprobeMulti.show()
    expect(made).toMatchObject({ saw: { cookie: 1n, path: expect.stringMatching(/\/new$/) } })
    expect(removed?.saw).toEqual({ ...made?.saw, cookie: 2n })
    const seen = await fires(
      uprobeMultiSkeleton,
      (n) => (n % 2 ? mkdirSync(path('old')) : rmdirSync(path('old'))),
      async () => {
        process.chdir(process.cwd())
        await promises.mkdir(path('by another thread'))
        execFileSync('mkdir', [path('by another process')])
      },
      attach,
    )
    expect(seen).toEqual({ cookie: 1n, path: path('old') })
  },
)

// The first time it compiles the program, which takes an emulated machine a while.
test('a USDT program sees the arguments of a probe in a program', { timeout: 90_000 }, () => {
  expect(usdt.show()).toEqual([
    { did: 'oven 180 45', saw: { pid: expect.any(Number), degrees: 180n, minutes: 45n } },
    { did: 'oven', saw: undefined },
  ])
  const oven = compileOven()
  const other = path('oven')
  copyFileSync(oven, other)
  using skel = usdtSkeleton.open().load()
  using link = skel.programs.on_baked.attachUsdt(oven, 'oven', 'baked')
  const { bss } = skel.data
  for (let n = 1; n <= 3; n++) {
    const { pid } = spawnSync(oven, ['-1', `${n}`])
    expect(bss).toEqual({ hits: n, seen: { pid, degrees: -1n, minutes: BigInt(n) } })
  }
  spawnSync(oven) // comes by another probe
  spawnSync(other, ['1', '2']) // is another file
  expect(bss.hits).toBe(3)
})
