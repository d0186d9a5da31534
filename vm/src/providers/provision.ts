import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { MachineError } from '../errors.ts'
import { exitOf, readAll } from '../host/child.ts'
import type { Transport } from '../transport.ts'

/** The folder of this package, with lima.yaml, Vagrantfile and compose.yaml. */
export const vmFolder = join(import.meta.dirname, '..', '..')

/** What a machine is provisioned from, relative to this package, in the order of the key. */
export const provisionFiles = [
  'provision/provision.sh',
  'guest/packages',
  'provision/suites',
  'guest/files/usr/lib/ebpf-labs/run',
  'guest/files/usr/lib/ebpf-labs/receive',
]

/** What provision.sh leaves in /var/lib/ebpf-labs/provisioned. */
export function provisionKey(): string {
  const hash = createHash('sha256')
  for (const file of provisionFiles) hash.update(readFileSync(join(vmFolder, file)))
  return hash.digest('hex').slice(0, 12)
}

/**
 * Runs provision.sh in a machine that was made from older files. It needs a network.
 * @throws MachineError with the end of what it said.
 */
export async function provision(transport: Transport): Promise<void> {
  const flat = mkdtempSync(join(tmpdir(), 'ebpf-labs-provision-'))
  try {
    for (const file of provisionFiles) cpSync(join(vmFolder, file), join(flat, basename(file)))
    const place = '/usr/lib/ebpf-labs/provision'
    await sendArchive(transport, ['-C', flat, '.'], place, 'copy provision.sh into the machine')
    const [program, ...args] = transport.argv(`sh ${place}/provision.sh 2>&1`, false)
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said, { code }] = await Promise.all([readAll(child.stdout), exitOf(child)])
    if (code === 0) return
    const end = said.trimEnd().split('\n').slice(-12)
    throw new MachineError(`provision.sh failed (exit code ${code})`, end)
  } finally {
    rmSync(flat, { recursive: true })
  }
}

/**
 * Packs files of the host and unpacks them in a folder of the machine.
 * @param what arguments of tar that say which
 * @throws MachineError if that fails.
 */
export async function sendArchive(
  transport: Transport,
  what: readonly string[],
  folder: string,
  purpose: string,
): Promise<void> {
  const tar = spawn('tar', ['-c', ...what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, COPYFILE_DISABLE: '1' },
  })
  const [{ code, signal }] = await Promise.all([
    exitOf(tar),
    receive(transport, tar.stdout, folder, purpose),
  ])
  if (code === 0) return
  throw new MachineError(`cannot ${purpose}: tar: ${signal ?? `exit code ${code}`}`)
}

/**
 * Unpacks a tar archive in a folder of the machine.
 * @throws MachineError if that fails, because its disk is full, for example.
 */
export async function receive(
  transport: Transport,
  archive: NodeJS.ReadableStream,
  folder: string,
  purpose: string,
): Promise<void> {
  const script = `mkdir -p ${folder} && exec tar -x --no-same-owner -C ${folder}`
  const [program, ...args] = transport.argv(script, false)
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  child.stdin.on('error', () => {})
  archive.pipe(child.stdin)
  const [complaint, { code }] = await Promise.all([readAll(child.stderr), exitOf(child)])
  if (code === 0) return
  throw new MachineError(`cannot ${purpose}: ${complaint.trim() || `exit code ${code}`}`)
}
