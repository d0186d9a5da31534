import { release } from 'node:os'

/**
 * What to add to the title of a test that needs a newer kernel than this: ` (needs Linux 6.4, this is 5.10.0-46-cloud-amd64)`, or
 * nothing where the kernel is new enough. `test.skipIf(tooOld !== '')(…)` skips by the same.
 * @param version major and minor: `6.4`
 * @param running release of the kernel, as uname(1) tells it
 */
export function kernelTooOld(version: string | undefined, running = release()): string {
  if (version === undefined) return ''
  const [major, minor] = numbers(version)
  const [ownMajor, ownMinor] = numbers(running)
  const newEnough = ownMajor > major || (ownMajor === major && ownMinor >= minor)
  return newEnough ? '' : ` (needs Linux ${version}, this is ${running})`
}

function numbers(version: string): [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined || minor === undefined)
    throw new TypeError(`'${version}' is no kernel version: expected one such as 6.4`)
  return [Number(major), Number(minor)]
}
