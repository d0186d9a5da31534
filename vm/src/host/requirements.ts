import type { Architecture } from '../arch/arch.ts'
import { findClang, oldestClang } from './clang.ts'
import type { Distribution } from './distribution.ts'
import { findProgram } from './programs.ts'

type Packages = Record<Distribution['name'], string>

/** A program of the host that the machine cannot be made or run without. */
export interface Requirement {
  readonly programs: readonly string[]
  /** What it is for, as in "needed to …". */
  readonly purpose: string
  readonly packages: Packages
  /** Tells whether it is met, if it takes more than that the programs are there. */
  readonly isMet?: () => Promise<boolean>
}

const same = (name: string): Packages => ({ apt: name, dnf: name, pacman: name })

/** Stands for the newest versioned clang that the distribution has; see install.ts. */
export const versionedClang = 'clang-N llvm-N'

/** Everything that set-up needs, in the order in which it is needed. */
export function requirements(arch: Architecture): Requirement[] {
  const all: Requirement[] = [
    { programs: [arch.qemu], purpose: 'run the machine', packages: arch.qemuPackages },
    {
      programs: ['mmdebstrap', 'dpkg-deb'],
      purpose: "download Debian's packages and check their signatures",
      packages: {
        apt: 'mmdebstrap debian-archive-keyring gpg',
        dnf: 'mmdebstrap dpkg debian-keyring gnupg2',
        pacman: 'mmdebstrap dpkg debian-archive-keyring gnupg',
      },
    },
    { programs: ['mke2fs'], purpose: 'make disk images', packages: same('e2fsprogs') },
    { programs: ['depmod'], purpose: "index the kernel's modules", packages: same('kmod') },
    { programs: ['flock', 'setpriv'], purpose: 'guard processes', packages: same('util-linux') },
    { programs: ['tar'], purpose: 'copy the workspace', packages: same('tar') },
    {
      programs: ['ssh', 'ssh-keygen'],
      purpose: 'run commands in the machine',
      packages: { apt: 'openssh-client', dnf: 'openssh-clients', pacman: 'openssh' },
    },
    {
      programs: [`clang ≥ ${oldestClang}`, 'llvm-objdump'],
      purpose: 'compile BPF programs',
      packages: { apt: versionedClang, dnf: 'clang llvm', pacman: 'clang llvm' },
      isMet: () => findClang().then(Boolean, () => false),
    },
  ]
  if (process.getuid?.() !== 0) {
    all.push({
      programs: ['fakeroot'],
      purpose: "give the disk's files to root without being root",
      packages: same('fakeroot'),
    })
  }
  return all
}

/** Whether this host meets a requirement. */
export const isMet = async ({ programs, isMet: check }: Requirement): Promise<boolean> =>
  check ? check() : programs.every((program) => findProgram(program))

/** Those of the requirements that this host does not meet. */
export async function unmet(all: readonly Requirement[]): Promise<Requirement[]> {
  const met = await Promise.all(all.map(isMet))
  return all.filter((_, index) => !met[index])
}
