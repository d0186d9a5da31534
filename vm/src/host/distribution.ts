import { readFileSync } from 'node:fs'

/** A family of Linux distributions, by the package manager that they share. */
export interface Distribution {
  readonly name: 'apt' | 'dnf' | 'pacman'
  /** The command that installs packages, as root. */
  readonly install: readonly [string, ...string[]]
}

const distributions: readonly (Distribution & { readonly ids: RegExp })[] = [
  {
    name: 'apt',
    ids: /debian|ubuntu/,
    install: ['apt-get', 'install', '-y', '--no-install-recommends'],
  },
  { name: 'dnf', ids: /fedora|rhel|centos/, install: ['dnf', 'install', '-y'] },
  { name: 'pacman', ids: /arch/, install: ['pacman', '-S', '--needed', '--noconfirm'] },
]

/** The family that /etc/os-release names, os-release(5). */
export function thisDistribution(): Distribution | undefined {
  try {
    const release = readFileSync('/etc/os-release', 'utf8')
    const ids = release.match(/^ID(_LIKE)?=.*$/gm)?.join(' ') ?? ''
    return distributions.find((distribution) => distribution.ids.test(ids))
  } catch {
    return undefined
  }
}
