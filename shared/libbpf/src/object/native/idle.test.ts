import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compileBpf } from '../../../test/compile.ts'
import { BpfObject } from '../bpf-object.ts'

const warnings: string[] = []
const note = (warning: Error): unknown => warnings.push(`${warning.name}: ${warning.message}`)

beforeEach(() => {
  warnings.length = 0
  process.on('warning', note)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  process.off('warning', note)
})

/** Lets a minute pass, and what was warned of arrive. */
async function aMinuteLater(): Promise<void> {
  vi.advanceTimersByTime(60_000)
  await new Promise<void>((resolve) => void setImmediate(resolve))
}

const load = () => BpfObject.open(compileBpf('basic.bpf.c')).load()

test('an object that was loaded and never attached is warned about, once', async () => {
  using _object = load()
  await aMinuteLater()
  await aMinuteLater()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(
    /^BpfNotAttachedWarning: object 'basic' was loaded 5 s ago and none of its programs is attached \(on_getpgid, on_sys_enter, /,
  )
})

test('an object that is used is not warned about', async () => {
  {
    using attached = load()
    using _link = attached.program('on_getpgid').attach()
    await aMinuteLater()
  }
  {
    using passedOn = load()
    expect(passedOn.program('on_sys_enter').fd).toBeGreaterThan(0)
    await aMinuteLater()
  }
  {
    using pinned = load()
    const path = `/sys/fs/bpf/idle-${process.pid}`
    pinned.program('on_getpgid').pin(path)
    await aMinuteLater()
    rmSync(path)
  }
  load().close()
  await aMinuteLater()
  expect(warnings).toEqual([])
})
