import { closeSync, constants, mkdirSync, openSync, promises, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { kernelTooOld, test } from '@ebpf-labs/harness'
import { afterEach, beforeEach, expect } from 'vitest'
import { fentry as fentrySkeleton } from '../build/tracing/fentry.skel.ts'
import { fexit as fexitSkeleton } from '../build/tracing/fexit.skel.ts'
import { fmod_ret as fmodRetSkeleton } from '../build/tracing/fmod_ret.skel.ts'
import { kprobe as kprobeSkeleton } from '../build/tracing/kprobe.skel.ts'
import { kprobe_multi as kprobeMultiSkeleton } from '../build/tracing/kprobe-multi.skel.ts'
import { kretprobe as kretprobeSkeleton } from '../build/tracing/kretprobe.skel.ts'
import { ksyscall as ksyscallSkeleton } from '../build/tracing/ksyscall.skel.ts'
import { fires } from '../fires.ts'
import type { Hook } from '../hook.ts'
import { lackingOf } from '../lacking.ts'
import { outcomeOf, temporaryFolder, watch } from '../watch.ts'
import { fentry } from './fentry.ts'
import { fexit } from './fexit.ts'
import { fmodRet } from './fmod_ret.ts'
import { kprobe } from './kprobe.ts'
import { kprobeMulti } from './kprobe-multi.ts'
import { kretprobe } from './kretprobe.ts'
import { ksyscall } from './ksyscall.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const path = (name: number | string) => join(folder.path, `${name}`)
const inodeOf = (file: string) => statSync(file, { bigint: true }).ino
const open = (flags: number) => closeSync(openSync('/proc/version', flags))
const elsewhere = {
  /** Makes a folder, in a thread of libuv's pool. */
  mkdir: () => promises.mkdir(path('by another thread')),
  open: async () => (await promises.open('/proc/version')).close(),
}

/** A test that is skipped, with the reason in its title, where the kernel lacks the hook. */
function testOf(hook: Hook, title: string, body: () => Promise<void> | void): void {
  const lacks = lackingOf(hook)
  test.skipIf(lacks !== '')(`${title}${lacks}`, body)
}

testOf(kprobe, 'a kprobe sees what a function of the kernel is given', async () => {
  expect(await kprobe.show()).toEqual([
    {
      did: 'mkdir("new", 0750)',
      saw: { name: 'new', mode: '0750', parentInode: expect.any(BigInt) },
    },
  ])
  const seen = await fires(
    kprobeSkeleton,
    (n) => mkdirSync(path(n), 0o700),
    async () => {
      rmdirSync(path(23))
      await elsewhere.mkdir()
    },
  )
  expect(seen).toEqual({ parent: inodeOf(folder.path), name: '23', mode: 0o700 })
})

testOf(kretprobe, 'a kretprobe sees what a function of the kernel returns', async () => {
  expect(await kretprobe.show()).toEqual([
    { did: 'open("/proc/version")', saw: { returned: 0 }, outcome: 'done' },
    { did: 'open("/proc/version", O_DIRECT)', saw: { returned: -22 }, outcome: 'EINVAL' },
  ])
  const seen = await fires(
    kretprobeSkeleton,
    () => open(constants.O_RDONLY),
    async () => {
      statSync('/proc/version')
      await elsewhere.open()
    },
  )
  expect(seen).toEqual({ returned: 0 })
})

testOf(kprobeMulti, 'kprobe.multi sees two functions, and which of them was called', async () => {
  expect(await kprobeMulti.show()).toEqual([
    { did: 'mkdir("new")', saw: { function: 'security_inode_mkdir', name: 'new' } },
    { did: 'rmdir("new")', saw: { function: 'security_inode_rmdir', name: 'new' } },
  ])
  const seen = await fires(
    kprobeMultiSkeleton,
    (n) => (n % 2 ? mkdirSync(path('old')) : rmdirSync(path('old'))),
    async () => {
      statSync(path('old'))
      await elsewhere.mkdir()
    },
  )
  expect(seen).toEqual({ function: 'security_inode_mkdir', name: 'old' })
})

testOf(ksyscall, 'a ksyscall program sees what a process asks the kernel for', async () => {
  const AT_FDCWD = -100
  expect(await ksyscall.show()).toEqual([
    {
      did: 'open("/proc/version")',
      saw: { folder: AT_FDCWD, path: '/proc/version' },
      outcome: 'done',
    },
    {
      did: 'open("/no/such/file")',
      saw: { folder: AT_FDCWD, path: '/no/such/file' },
      outcome: 'ENOENT',
    },
  ])
  const seen = await fires(
    ksyscallSkeleton,
    (n) => outcomeOf(() => openSync(`/no/such/${n}`, 'r')),
    async () => {
      statSync('/proc/version')
      await elsewhere.open()
    },
  )
  expect(seen).toEqual({ folder: AT_FDCWD, path: '/no/such/23' })
})

testOf(fentry, 'fentry sees what a function is given, and what that points to', async () => {
  expect(await fentry.show()).toEqual([
    {
      did: 'mkdir("new", 0750)',
      saw: { name: 'new', mode: '0750', parentInode: expect.any(BigInt) },
    },
  ])
  const seen = await fires(
    fentrySkeleton,
    (n) => mkdirSync(path(n), 0o700),
    async () => {
      rmdirSync(path(23))
      await elsewhere.mkdir()
    },
  )
  expect(seen).toEqual({ parent: inodeOf(folder.path), name: '23', mode: 0o700 })
})

testOf(fexit, 'fexit sees what a function returned, and what it was given', async () => {
  expect(await fexit.show()).toEqual([
    { did: 'open("/proc/version")', saw: { name: 'version', returned: 0 }, outcome: 'done' },
    {
      did: 'open("/proc/version", O_DIRECT)',
      saw: { name: 'version', returned: -22 },
      outcome: 'EINVAL',
    },
  ])
  const seen = await fires(
    fexitSkeleton,
    () => open(constants.O_RDONLY),
    async () => {
      statSync('/proc/version')
      await elsewhere.open()
    },
  )
  expect(seen).toEqual({ name: 'version', returned: 0 })
})

testOf(
  fmodRet,
  'fmod_ret returns in place of a function: EPERM, for one kind of name',
  async () => {
    expect(await fmodRet.show()).toEqual([
      { did: 'mkdir("new")', saw: { name: 'new' }, outcome: 'done' },
      { did: 'mkdir(".hidden")', saw: { name: '.hidden' }, outcome: 'EPERM' },
    ])
    const seen = await fires(
      fmodRetSkeleton,
      (n) => mkdirSync(path(`${n}.`)),
      async () => {
        rmdirSync(path('23.'))
        await promises.mkdir(path('.by another thread'))
      },
    )
    expect(seen).toEqual({ name: '23.' })
  },
)

testOf(fmodRet, 'of two fmod_ret programs, only one runs when it refuses', async () => {
  const refused = () => outcomeOf(() => mkdirSync(path('.hidden')))
  await watch(fmodRetSkeleton, async (first) => {
    await watch(fmodRetSkeleton, (second) => {
      expect(refused()).toBe('EPERM')
      expect(first.data.bss.hits + second.data.bss.hits).toBe(1)
    })
  })
  expect(refused()).toBe('done')
})

testOf(fentry, 'fentry is at the entry of its function, and fexit at the return', () => {
  using entry = fentrySkeleton.open().load()
  using exit = fexitSkeleton.open().load()
  using called = entry.programs.on_mkdir.attach()
  using returned = exit.programs.on_opened.attach()
  expect(called.info()).toMatchObject({ attachType: 'trace_fentry' })
  expect(returned.info()).toMatchObject({ attachType: 'trace_fexit' })
})

const tooOld = kernelTooOld('6.6') // before that, a link does not tell

test.skipIf(tooOld !== '')(
  `a kprobe is at the entry of its function, and a kretprobe at the return${tooOld}`,
  () => {
    using entry = kprobeSkeleton.open().load()
    using exit = kretprobeSkeleton.open().load()
    using called = entry.programs.on_mkdir.attach()
    using returned = exit.programs.on_opened.attach()
    expect(called.info()).toMatchObject({ event: 'kprobe', function: 'security_inode_mkdir' })
    expect(returned.info()).toMatchObject({ event: 'kretprobe', function: 'vfs_open' })
  },
)
