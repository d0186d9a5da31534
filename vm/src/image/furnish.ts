import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from '../arch/arch.ts'

/** Not needed in a machine that is thrown away: 170 MB of manuals, translations and sanitizers. */
const unneeded = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'usr/share/lintian',
  'usr/share/bug',
  'var/cache/apt',
  'var/lib/apt',
]
const sanitizer = /^lib([ahlt]|ub)san\.(so|a)/

/** Does what the packages' install scripts would have done: none of them was run. */
export async function furnish(tree: string, arch: Architecture): Promise<void> {
  for (const path of unneeded) rmSync(join(tree, path), { recursive: true, force: true })
  const gcc = join(tree, 'usr/lib/gcc', arch.triplet.replace(/^i.86/, 'i686'))
  const folders = [join(tree, 'usr/lib', arch.triplet)]
  if (existsSync(gcc)) folders.push(...readdirSync(gcc).map((name) => join(gcc, name)))
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      if (sanitizer.test(name)) rmSync(join(folder, name))
    }
  }
  makeAccounts(tree)
  makeAlternatives(tree)
  for (const folder of [
    'opt/node',
    'workspace',
    'var/cache/node',
    'home/learner',
    'usr/lib/modules',
    'root',
  ]) {
    mkdirSync(join(tree, folder), { recursive: true })
  }
  // The links that udev would make; init copies them.
  const dev = join(tree, 'usr/lib/ebpf-labs/dev')
  mkdirSync(dev, { recursive: true })
  symlinkSync('/proc/self/fd', join(dev, 'fd'))
  for (const [number, name] of ['stdin', 'stdout', 'stderr'].entries()) {
    symlinkSync(`/proc/self/fd/${number}`, join(dev, name))
  }
  writeFileSync(join(tree, 'etc/machine-id'), 'ebf1ab5000000000000000000000ebf1\n')
}

function makeAccounts(tree: string): void {
  const masters = join(tree, 'usr/share/base-passwd')
  // sshd starts commands by root's shell, and dash is up in half the time of bash.
  const passwd = readFileSync(join(masters, 'passwd.master'), 'utf8')
  writeFileSync(join(tree, 'etc/passwd'), passwd.replace(/^(root:.*:).*$/m, '$1/bin/dash'))
  copyFileSync(join(masters, 'group.master'), join(tree, 'etc/group'))
  // `learner` is for what must be tried without being root.
  appendFileSync(
    join(tree, 'etc/passwd'),
    'sshd:*:100:65534::/run/sshd:/usr/sbin/nologin\n' +
      'learner:*:1000:1000:Learner:/home/learner:/bin/bash\n',
  )
  appendFileSync(join(tree, 'etc/group'), 'learner:*:1000:\n')
}

function makeAlternatives(tree: string): void {
  const bin = join(tree, 'usr/bin')
  const link = (name: string, target: string): void => {
    if (!existsSync(join(bin, name))) symlinkSync(target, join(bin, name))
  }
  for (const name of readdirSync(bin)) {
    // clang-19, llvm-objdump-19, ld.lld-19 … are known without their version, too.
    const versioned = /^((?:clang|llvm|ld|lld|llc|opt)\b.*)-19$/.exec(name)
    if (versioned?.[1]) link(versioned[1], name)
  }
  for (const [name, target] of Object.entries({
    awk: 'mawk',
    cc: 'clang-19',
    nc: 'nc.openbsd',
    editor: 'nano',
    pager: 'less',
    which: 'which.debianutils',
  })) {
    link(name, target)
  }
}
