import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HostError, MachineError } from '../errors.ts'
import { cached, keyOf } from '../host/cache.ts'
import { step } from '../host/step.ts'
import type { Provider } from '../provider.ts'
import { provisionKey } from './provision.ts'

/** The headers that BPF programs for a machine are compiled with. */
export interface Headers {
  /** Folder with `bpf/*.h` of the machine's libbpf. */
  readonly includes: string
  readonly vmlinuxHeader: string
  /** Its kernel's release. */
  readonly kernel: string
}

/**
 * Fetches the headers out of a machine that we did not make: its libbpf's, and its kernel's types.
 * @throws MachineError if it does not give them.
 */
export async function headersOf(machine: Provider): Promise<Headers> {
  await machine.ensure()
  const { kernel = '', arch } = await machine.status()
  const key = keyOf(provisionKey(), machine.name)
  const folder = await cached(`headers/${arch}-${kernel}-${key}`, 0.1, (making) =>
    step(`Headers of ${kernel}`, async () => {
      const types = 'bpftool btf dump file /sys/kernel/btf/vmlinux format c'
      writeFileSync(join(making, 'vmlinux.h'), await read(machine, types))
      const include = join(making, 'include')
      mkdirSync(include)
      const packed = await read(machine, 'tar -C /usr/include -c bpf | base64')
      const { status, stderr } = spawnSync('tar', ['-x', '-C', include], {
        input: Buffer.from(packed, 'base64'),
        encoding: 'utf8',
      })
      if (status !== 0) throw new HostError(`cannot unpack the machine's headers: ${stderr}`)
    }),
  )
  return {
    kernel,
    includes: join(folder, 'include'),
    vmlinuxHeader: join(folder, 'vmlinux.h'),
  }
}

async function read(machine: Provider, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(['sh', '-c', script], {
    output: 'capture',
    stdin: 'ignore',
    cwd: join(import.meta.dirname, '..'),
  })
  if (exitCode === 0) return stdout
  throw new MachineError(`${script}: exit code ${exitCode}`, stderr.trim().split('\n').slice(-8))
}
