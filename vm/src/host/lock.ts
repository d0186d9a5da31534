import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { HostError } from '../errors.ts'
import { exitOf } from './child.ts'

/**
 * Waits for an exclusive lock on a file and holds it until disposed. A child process holds the
 * kernel's flock(2) for us and ends when our end of its stdin closes, so the lock dies with us,
 * however we die.
 * @param onWait called once if somebody else holds it
 * @throws HostError if the lock file cannot be opened.
 */
export async function lockFile(file: string, onWait?: () => void): Promise<Disposable> {
  const waiting = onWait && setTimeout(onWait, 500)
  try {
    const { lock, complaint } = await holdLock(file, ['-x'])
    if (!lock) throw new HostError(`cannot lock ${file}: ${complaint || 'flock ended'}`)
    return lock
  } finally {
    clearTimeout(waiting)
  }
}

/**
 * Like {@link lockFile}, but does not wait.
 * @returns nothing if somebody else holds it
 */
export async function tryLockFile(file: string): Promise<Disposable | undefined> {
  const { lock, complaint } = await holdLock(file, ['-x', '-n'])
  if (!lock && complaint) throw new HostError(`cannot lock ${file}: ${complaint}`)
  return lock
}

// macOS has flock(2), but no program of that name. Its Perl has it, and opens files close-on-exec
// unless told not to.
const perl = `use Fcntl ":flock"; $^F = 255; open(my $f, ">>", $ARGV[0]) or die "$!\\n";
flock($f, LOCK_EX | ($ARGV[1] eq "-n" ? LOCK_NB : 0)) or exit 1;
exec "sh", "-c", "echo held; exec cat >/dev/null"`

/** The command that holds a lock until its stdin ends, by the system's means. */
export function holderCommand(
  file: string,
  flags: readonly string[],
  platform = process.platform,
): [string, ...string[]] {
  return platform === 'darwin'
    ? ['perl', '-e', perl, file, flags.includes('-n') ? '-n' : '']
    : ['flock', ...flags, file, 'sh', '-c', 'echo held; exec cat >/dev/null']
}

async function holdLock(
  file: string,
  flags: readonly string[],
): Promise<{ lock?: Disposable; complaint: string }> {
  const [program, ...args] = holderCommand(file, flags)
  const holder = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Not in our process group: a Ctrl-C must not take the lock away from a clean-up in progress.
    detached: true,
  })
  let complaint = ''
  holder.stderr.on('data', (text) => (complaint += String(text)))
  // The holder may end before it reads; that shows in how it ends.
  holder.stdin.on('error', () => {})
  const held = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    exitOf(holder).then(() => false),
  ])
  if (!held) return { complaint: complaint.trim() }
  const lock = {
    [Symbol.dispose](): void {
      holder.stdin.end()
      holder.stdout.destroy()
      holder.stderr.destroy()
      holder.unref()
    },
  }
  return { lock, complaint: '' }
}
