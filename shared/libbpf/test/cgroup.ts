/** A cgroup of its own for the test process, so that programs attached to it see nobody else. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where cgroup v2 is mounted. */
export function cgroupRoot(): string {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1]
  if (mount === undefined) throw new Error('no cgroup2 file system is mounted')
  return mount
}

/** Makes a cgroup and moves this process into it, until it is disposed of. */
export function ownCgroup(): Disposable & { path: string } {
  const root = cgroupRoot()
  const before = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/'
  const path = join(root, `libbpf-test-${process.pid}`)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'cgroup.procs'), String(process.pid))
  return {
    path,
    [Symbol.dispose]: () => {
      writeFileSync(join(root, before, 'cgroup.procs'), String(process.pid))
      rmdirSync(path)
    },
  }
}
