import { createReadStream, existsSync, mkdirSync } from 'node:fs'
import { HostError, MachineError, UsageError } from '../errors.ts'
import { selectArchitecture } from '../arch/select.ts'
import { readJson, writeJson } from '../host/json-file.ts'
import { lockFile } from '../host/lock.ts'
import { say, step } from '../host/step.ts'
import { makeNodeArchive } from '../image/node.ts'
import type { ExecOptions, ExecResult, Provider, Status } from '../provider.ts'
import { runInMachine } from '../qemu/exec.ts'
import { signalRun, takeOrphanedRuns } from '../qemu/runs.ts'
import { isSyncIndex, planSync } from '../sync/plan.ts'
import { sendFiles } from '../sync/send.ts'
import { runScript, type Transport } from '../transport.ts'
import { guestWorkspace, makePrivateFolder } from '../workspace.ts'
import type { Box } from './box.ts'
import { claim, greet, nodeMark, refuseStranger, type Greeting } from './greet.ts'
import { provision, provisionKey, receive } from './provision.ts'

interface Running {
  readonly transport: Transport
  readonly greeting: Greeting
}

/** A machine that another program runs, with the workspace brought into it as into QEMU's. */
export function boxProvider(box: Box): Provider {
  const arch = selectArchitecture('')
  const down = { provider: box.name, running: false, arch: arch.name, series: 'of its own' }
  return {
    name: box.name,
    async ensure(): Promise<void> {
      await ensure(box)
    },
    async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
      const { transport, greeting } = await ensure(box)
      await sync(box, transport, greeting.id)
      const result = await runInMachine(transport, box.paths, argv, options)
      // These may be the way's own: ssh says 255, docker 125 to 127 and 137.
      if (result.exitCode >= 125 && (await greet(transport))?.id !== greeting.id) {
        throw new MachineError(`${box.machine} does not answer any more (${box.name})`)
      }
      return result
    },
    async status(): Promise<Status> {
      const greeting = await greet(box.transport())
      if (!greeting) return down
      const series = /^\d+\.\d+/.exec(greeting.kernel)?.[0] ?? down.series
      return { ...down, running: true, series, kernel: greeting.kernel }
    },
    async down(): Promise<boolean> {
      if (!existsSync(box.paths.folder)) return false
      using _lock = await lock(box)
      return box.end()
    },
    logs: () => box.logs(),
  }
}

/** Kernel and architecture are what the machine has: nothing else may be asked for. */
function refuseSelection(box: Box, arch: string): void {
  const asked = (name: string, own?: string): boolean => {
    const value = process.env[name]
    return value !== undefined && value !== '' && value !== own
  }
  for (const [name, own] of [['LAB_KERNEL'], ['LAB_ARCH', arch]] as const) {
    if (!asked(name, own)) continue
    throw new UsageError(
      `${name}=${process.env[name]}: LAB_VM=${box.name} has one kernel, of this computer's architecture. Kernels to choose from are LAB_VM=qemu's.`,
    )
  }
}

function lock(box: Box): Promise<Disposable> {
  mkdirSync(box.paths.folder, { recursive: true })
  return lockFile(box.paths.lock, () =>
    say('… waiting for another command that prepares the machine'),
  )
}

/** The machine, made, started, provisioned and furnished with node_modules as far as it lacks it. */
async function ensure(box: Box): Promise<Running> {
  const arch = selectArchitecture('')
  refuseSelection(box, arch.name)
  const key = provisionKey()
  const modules = await makeNodeArchive(arch)
  const ready = async (): Promise<Running | undefined> => {
    const transport = box.transport()
    const greeting = await greet(transport)
    if (!transport || !greeting) return undefined
    refuseStranger(box, greeting)
    const { owner, provisioned, node } = greeting
    if (!owner || provisioned !== key || node !== modules.key) return undefined
    return { transport, greeting }
  }
  makePrivateFolder(box.paths.sockets)
  const running = await ready()
  if (running) return running
  await box.check()
  using _lock = await lock(box)
  const other = await ready()
  if (other) return other
  const { transport, greeting } = await bringUp(box, key)
  if (!greeting.owner) await claim(transport)
  if (greeting.node !== modules.key) {
    await step(`Bringing node_modules into ${box.machine}`, () =>
      sendModules(transport, modules.file, modules.key),
    )
  }
  const done = await ready()
  if (!done) throw new MachineError(`${box.machine} was prepared, and is not as it should be`)
  return done
}

/** The machine with what provision.sh of now brings. */
async function bringUp(box: Box, key: string): Promise<Running> {
  if (!(await greet(box.transport()))) await box.start()
  let running = await answer(box)
  if (running.greeting.provisioned !== key) {
    if (box.remake) await box.remake()
    else await step(`Provisioning ${box.machine}`, () => provision(running.transport))
    running = await answer(box)
  }
  const { provisioned: got, kernel, hasTypes } = running.greeting
  if (got !== key) throw new MachineError(`${box.machine} was provisioned, but from other files`)
  if (hasTypes) return running
  throw new HostError(
    `the kernel of ${box.machine}, ${kernel}, has no BTF (/sys/kernel/btf/vmlinux), and labs need it. Use another: LAB_VM=qemu`,
  )
}

async function answer(box: Box): Promise<Running> {
  const transport = box.transport()
  const greeting = await greet(transport)
  if (!transport || !greeting) {
    const said = box.logs().trimEnd().split('\n').slice(-12)
    throw new MachineError(`${box.machine} was started, and does not answer`, said)
  }
  refuseStranger(box, greeting)
  return { transport, greeting }
}

async function sendModules(transport: Transport, file: string, key: string): Promise<void> {
  const old = `rm -rf ${guestWorkspace}/node_modules ${guestWorkspace}/*/*/node_modules`
  await runScript(transport, old, 'remove old node_modules from the machine')
  await receive(transport, createReadStream(file), guestWorkspace, 'copy node_modules')
  await runScript(transport, `echo ${key} >${nodeMark}`, 'note which node_modules it has')
}

/** Brings the workspace's changes into the machine, and ends what killed commands left there. */
async function sync(box: Box, transport: Transport, id: string): Promise<void> {
  const plan = () => {
    const index = readJson(box.paths.sync)
    return planSync(id, isSyncIndex(index) ? index : undefined)
  }
  const orphans = takeOrphanedRuns(box.paths.runs)
  if (orphans.length > 0) {
    const script = `${orphans.map((run) => signalRun(run, 'KILL')).join('; ')}; true`
    await runScript(transport, script, 'end what killed commands left running')
  }
  if (!plan().stale) return
  using _lock = await lock(box)
  const { send, remove, index, stale } = plan()
  if (send.length + remove.length > 0) await sendFiles(transport, send, remove)
  if (stale) writeJson(box.paths.sync, index)
}
