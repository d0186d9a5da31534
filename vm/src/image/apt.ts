import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../host/command.ts'

/** Packages that come from a newer suite than the rest. */
export interface Pin {
  readonly suite: string
  /** Package names or globs, as apt_preferences(5) takes them. */
  readonly packages: readonly string[]
}

interface AptRun {
  readonly arch: string
  readonly suite: string
  readonly pin?: Pin
  /** Whether the suite is in the making: its Release file may be past its date. */
  readonly testing?: boolean
  /** Packages to extract, with what they depend on, into `tree`. */
  readonly include?: readonly string[]
  readonly tree?: string
  /** Shell commands that run with apt set up (`apt-get download …` works), in `work`. */
  readonly script?: string
  /** A folder for temporary files, on the disk where the result will be. */
  readonly work: string
}

/**
 * Runs apt with its state in a temporary folder: the host's own package lists stay as they are,
 * and no root is needed. mmdebstrap supplies mirror and keys, so signatures are checked and no
 * address has to be kept here.
 * @throws HostError if a package cannot be found, downloaded or verified.
 */
export async function apt(run: AptRun): Promise<void> {
  const hook = join(run.work, 'sources.sh')
  writeFileSync(hook, sourcesHook(run.suite, run.pin))
  chmodSync(hook, 0o755)
  const script = join(run.work, 'script.sh')
  writeFileSync(script, `set -e\nexport APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"\n${run.script ?? ''}`)
  await command(
    [
      'mmdebstrap',
      // Nothing is executed, so nothing is mounted either: what a killed run leaves can be deleted.
      '--mode=chrootless',
      `--variant=${run.tree ? 'extract' : 'custom'}`,
      `--format=${run.tree ? 'directory' : 'null'}`,
      `--architectures=${run.arch}`,
      '--aptopt=Acquire::Retries "3"',
      // Its signature is checked all the same.
      ...(run.testing ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : []),
      ...(run.include ? [`--include=${run.include.join(',')}`] : []),
      `--setup-hook=sh '${hook}' "$1"`,
      `--${run.tree ? 'extract' : 'customize'}-hook=cd '${run.work}' && sh '${script}' "$1"`,
      run.suite,
      run.tree ?? '/dev/null',
    ],
    {
      cwd: run.work,
      env: { TMPDIR: run.work },
      hint: 'Check the network connection and the disk space, then run the same command again.',
    },
  )
}

/** Adds the pinned suite beside what mmdebstrap wrote into sources.list for the main one. */
function sourcesHook(suite: string, pin?: Pin): string {
  if (!pin) return ''
  // A testing suite's Release file may be past its date; its signature is checked all the same.
  return `set -e
cd "$1/etc/apt"
grep -E '^deb .* ${suite} ' sources.list | sed -E \\
  -e 's/ ${suite} / ${pin.suite} /' \\
  -e 's/^deb ([^[])/deb [] \\1/' -e 's/^deb \\[/&check-valid-until=no /' >sources.list.d/${pin.suite}.list
cat >preferences.d/${pin.suite} <<END
Package: *
Pin: release n=${pin.suite}
Pin-Priority: 100

Package: ${pin.packages.join(' ')}
Pin: release n=${pin.suite}
Pin-Priority: 990
END
`
}
