import { spawn } from 'node:child_process'
import { HostError } from '../errors.ts'
import { exitOf, readAll } from '../host/child.ts'
import { runScript, type Transport } from '../transport.ts'
import { guestWorkspace, workspace } from '../workspace.ts'
import type { Box } from './box.ts'

/** What a machine says of itself. */
export interface Greeting {
  /** The key of the provisioning that made it; empty if nothing of ours did. */
  readonly provisioned: string
  /** The workspace on the host that it belongs to; empty for one that is new. */
  readonly owner: string
  /** Tells it from one before it. */
  readonly id: string
  /** The key of its node_modules. */
  readonly node: string
  readonly kernel: string
  readonly hasTypes: boolean
}

/** Where a machine's node_modules say which they are: gone if they are. */
export const nodeMark = `${guestWorkspace}/node_modules/.ebpf-labs`

const state = '/var/lib/ebpf-labs'
const script = `mkdir -p /run/exec
for file in ${state}/provisioned ${state}/owner ${state}/id ${nodeMark}; do
[ -r $file ] && read -r line <$file && echo "$line" || echo; done
uname -r; [ -r /sys/kernel/btf/vmlinux ] && echo types || echo`

/** Asks a machine who it is; undefined if it is down. */
export async function greet(transport: Transport | undefined): Promise<Greeting | undefined> {
  if (!transport) return undefined
  const [program, ...args] = transport.argv(script, false)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = Promise.all([readAll(child.stdout), exitOf(child)])
  // The program may not even be there: then there is no machine either.
  const [output, { code }] = await ended.catch(() => ['', { code: 1 }] as const)
  if (code !== 0) return undefined
  const [provisioned = '', owner = '', id = '', node = '', kernel = '', types] = output.split('\n')
  return { provisioned, owner, id, node, kernel, hasTypes: types === 'types' }
}

/**
 * Makes sure that a machine is ours.
 * @throws HostError if it is another workspace's, or none of the labs' at all.
 */
export function refuseStranger(box: Box, { owner, provisioned }: Greeting): void {
  if (owner === workspace) return
  if (!owner && provisioned) return
  const whose = owner ? `belongs to the workspace ${owner}` : 'was not made by the labs'
  throw new HostError(
    `there is a machine ${box.machine} already, and it ${whose}. Remove it: ${removal[box.name](box.machine)}`,
  )
}

const removal = {
  lima: (name: string) => `limactl delete --force ${name}`,
  compose: (name: string) => `docker rm --force ${name}`,
  vagrant: () => 'rm -r .vm/vagrant   # after `vagrant global-status` and `vagrant destroy ID`',
}

/** Writes into a new machine whose it is. */
export async function claim(transport: Transport): Promise<void> {
  const path = `'${workspace.replaceAll("'", `'\\''`)}'`
  const write = `cd ${state} && cat /proc/sys/kernel/random/uuid >id && echo ${path} >owner`
  await runScript(transport, write, 'note in the machine whose it is')
}
