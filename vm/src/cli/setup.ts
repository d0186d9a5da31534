import { selectArchitecture } from '../arch/select.ts'
import { cacheFolder } from '../host/cache.ts'
import { provideRequirements } from '../host/install.ts'
import { say } from '../host/step.ts'
import { selectKernel } from '../kernels.ts'
import { chooseAcceleration } from '../qemu/acceleration.ts'
import { makeImages } from '../qemu/images.ts'
import { machine } from '../index.ts'
import { selectProvider } from '../providers/select.ts'
import { bpfToolchain } from '../toolchain.ts'
import type { Command } from './command.ts'
import { readFlags } from './flags.ts'

export const command: Command = {
  usage: '[--yes]',
  summary: 'make everything that the machine needs',
  details: `Installs missing packages of this computer (asks first, unless --yes, CI=true or there is
no terminal), downloads kernel and packages of the machine, and builds its disks.`,
  async run(args) {
    const flags = readFlags(args, ['--yes', '-y'])
    const provider = selectProvider()
    if (provider !== 'qemu') return setUpOther(provider)
    const arch = selectArchitecture()
    await provideRequirements(arch, flags.size > 0)
    const images = await makeImages(arch, selectKernel())
    const { kind } = await chooseAcceleration(arch, images.kernel.image)
    const { clangVersion } = await bpfToolchain()
    say(`Ready: Linux ${images.kernel.release} for ${arch.name}, with ${kind.toUpperCase()}.`)
    say(`BPF programs are compiled with ${clangVersion}.`)
    say(`All of it is in ${cacheFolder()}`)
    return 0
  },
}

/** A machine that another program makes: it is started, and so is all that it needs. */
async function setUpOther(provider: string): Promise<number> {
  const other = machine()
  await other.ensure()
  const { kernel } = await other.status()
  say(`Ready: Linux ${kernel}, LAB_VM=${provider}.`)
  // In place, each lab's build looks for what it needs.
  if (provider === 'native') return 0
  const { clangVersion } = await bpfToolchain()
  say(`BPF programs are compiled with ${clangVersion}.`)
  return 0
}
