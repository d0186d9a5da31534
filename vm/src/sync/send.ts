import { spawn } from 'node:child_process'
import { FullDiskError, MachineError } from '../errors.ts'
import { exitOf, readAll } from '../host/child.ts'
import type { Transport } from '../transport.ts'
import { guestWorkspace, workspace } from '../workspace.ts'

/**
 * Removes and writes files of the machine's copy of the workspace.
 * @throws FullDiskError if the machine has no room for them, MachineError if that fails otherwise.
 */
export async function sendFiles(transport: Transport, send: string[], remove: string[]) {
  // The first line says how many bytes of names to remove follow; after them comes the archive.
  const names = Buffer.from(remove.map((path) => `${path}\0`).join(''))
  const receive = `/usr/lib/ebpf-labs/receive ${guestWorkspace} ${names.length}`
  const [program, ...args] = transport.argv(receive, false)
  const way = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  way.stdin.on('error', () => {})
  way.stdin.write(names)
  const tar = spawn('tar', ['-c', '--no-recursion', '--null', '-T', '-'], {
    cwd: workspace,
    stdio: ['pipe', 'pipe', 'pipe'],
    // macOS's tar would add files of its own, with what only macOS knows of a file.
    env: { ...process.env, COPYFILE_DISABLE: '1' },
  })
  tar.stdin.on('error', () => {})
  tar.stdin.end(send.map((path) => `./${path}\0`).join(''))
  tar.stdout.pipe(way.stdin)
  const [complaint, { code }, tarComplaint, { code: tarCode }] = await Promise.all([
    readAll(way.stderr),
    exitOf(way),
    readAll(tar.stderr),
    exitOf(tar),
  ])
  if (code !== 0 && /No space left on device/.test(complaint)) throw new FullDiskError()
  if (code !== 0) {
    throw new MachineError(
      `cannot copy the workspace into the machine: ${complaint.trim() || `exit code ${code}`}`,
    )
  }
  // A file may vanish between listing and reading; the next command sees that it is gone.
  if (tarCode !== 0 && !/file (changed|removed)|No such file/.test(tarComplaint)) {
    throw new MachineError(`cannot read the workspace: tar: ${tarComplaint.trim()}`)
  }
}
