import { machineName, qemuProvider, stopMachines } from '../qemu/machine.ts'
import { slots } from '../slots.ts'
import type { Cell } from './cells.ts'

/** Ends, when disposed, those machines of a cell that do not run yet. */
export async function endStarted({ arch, series }: Cell): Promise<AsyncDisposable> {
  const idle: string[] = []
  for (const slot of slots()) {
    const { running } = await qemuProvider(arch, series, slot).status()
    if (!running) idle.push(machineName(arch, series, slot))
  }
  return { [Symbol.asyncDispose]: async () => void (await stopMachines(idle)) }
}
