/**
 * Brings the types of a kernel that is not the machine's, as if this lab had been compiled on another computer: its BTF, and a
 * vmlinux.h made from it. The nx target `kernel-btf`; runs on the host.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
/** Debian 12's kernel, or Debian 13's for a machine that runs the former. */
const series = process.env['LAB_KERNEL'] === '6.1' ? '6.12' : '6.1'

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const vm = (...args: string[]): string =>
  run(process.execPath, join(here, '..', '..', 'vm', 'bin', 'vm.ts'), ...args)

const btf = vm('btf', series).trim()
const { bpftool }: { bpftool: string } = JSON.parse(vm('toolchain'))
const folder = join(here, 'build', 'elsewhere')
const making = `${folder}.${process.pid}`
rmSync(making, { recursive: true, force: true })
mkdirSync(making, { recursive: true })
copyFileSync(btf, join(making, `linux-${series}.btf`))
writeFileSync(join(making, 'vmlinux.h'), run(bpftool, 'btf', 'dump', 'file', btf, 'format', 'c'))
rmSync(folder, { recursive: true, force: true })
renameSync(making, folder)
console.log(`ch5-core: the types of Linux ${series} are in build/elsewhere`)
