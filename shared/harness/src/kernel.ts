import { release } from 'node:os'

/**
 * What to add to the title of a test that needs a newer kernel than this: ` (needs Linux 6.4, this is 5.10.0-46-cloud-amd64)`, or
 * nothing where the kernel is new enough. `test.skipIf(tooOld !== '')(…)` skips by the same.
 * @param version major and minor: `6.4`; `6.4/arm64` for what other architectures had before
 * @param running release of the kernel, as uname(1) tells it
 * @param arch as Node calls it
 */
export function kernelTooOld(
  version: string | undefined,
  running = release(),
  arch: string = process.arch,
): string {
  if (version === undefined) return ''
  const [major, minor, only] = parse(version)
  const [ownMajor, ownMinor] = parse(running.replace(/^(\d+\.\d+).*/s, '$1'))
  if (only !== undefined && only !== arch) return ''
  const newEnough = ownMajor > major || (ownMajor === major && ownMinor >= minor)
  const where = only === undefined ? '' : ` on ${only}`
  return newEnough ? '' : ` (needs Linux ${major}.${minor}${where}, this is ${running})`
}

function parse(version: string): [major: number, minor: number, arch: string | undefined] {
  const [, major, minor, arch] = /^(\d+)\.(\d+)(?:\/(arm64|amd64))?$/.exec(version) ?? []
  if (major === undefined || minor === undefined)
    throw new TypeError(`'${version}' is no kernel version: expected one such as 6.4 or 6.4/arm64`)
  return [Number(major), Number(minor), arch === 'amd64' ? 'x64' : arch]
}
