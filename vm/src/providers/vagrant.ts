import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HostError } from '../errors.ts'
import { step } from '../host/step.ts'
import { readConsole } from '../qemu/console.ts'
import { machinePaths } from '../qemu/paths.ts'
import type { Box } from './box.ts'
import { boxName } from './names.ts'
import { vmFolder } from './provision.ts'
import { runLogged } from './run-logged.ts'
import { sshConfigTransport } from './ssh-config.ts'

/** A Debian 13 in whatever Vagrant has a provider for, as the Vagrantfile describes it. */
export function vagrantBox(): Box {
  const machine = boxName()
  const paths = machinePaths('vagrant')
  // Vagrant's record of the machine is the workspace's own, so no other workspace can meet it.
  const env = {
    VAGRANT_CWD: vmFolder,
    VAGRANT_DOTFILE_PATH: join(paths.folder, 'machine'),
    EBPF_LABS_MACHINE: machine,
  }
  const config = join(paths.folder, 'ssh.config')
  const vagrant = (...args: string[]) =>
    runLogged(['vagrant', ...args], {
      log: paths.console,
      env,
      hint: 'All that it said: npm run vm -- logs. What is missing: npm run vm -- doctor',
    })
  return {
    name: 'vagrant',
    machine,
    paths,
    async check() {
      const trouble = vagrantTrouble()
      if (!trouble) return
      throw new HostError(`LAB_VM=vagrant: ${trouble.detail}. What mends it:\n  ${trouble.remedy}`)
    },
    transport: () => sshConfigTransport(config, 'default', paths.control),
    async start() {
      mkdirSync(paths.folder, { recursive: true })
      await step(`Starting ${machine} (some minutes when it is new)`, () => vagrant('up'))
      const { stdout, stderr, status } = spawnSync('vagrant', ['ssh-config'], {
        encoding: 'utf8',
        env: { ...process.env, ...env },
      })
      if (status !== 0) throw new HostError(`vagrant ssh-config failed:\n  ${stderr.trim()}`)
      writeFileSync(config, stdout, { mode: 0o600 })
    },
    async end() {
      const there = existsSync(env.VAGRANT_DOTFILE_PATH)
      if (there) await step(`Removing ${machine}`, () => vagrant('destroy', '--force'))
      for (const file of [
        env.VAGRANT_DOTFILE_PATH,
        config,
        paths.sync,
        paths.runs,
        paths.sockets,
      ]) {
        rmSync(file, { recursive: true, force: true })
      }
      return there
    },
    logs: () => readConsole(paths.console),
  }
}

/** What keeps Vagrant from being used, and what mends it; undefined if nothing does. */
export function vagrantTrouble(): { detail: string; remedy: string } | undefined {
  const { error } = spawnSync('vagrant', ['--version'], { stdio: 'ignore' })
  const mac = process.platform === 'darwin'
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  const install = mac ? 'brew install --cask' : `${sudo}apt-get install -y`
  if (error) {
    const packages = mac ? 'vagrant virtualbox' : 'vagrant vagrant-libvirt'
    return { detail: 'vagrant is not installed', remedy: `${install} ${packages}` }
  }
  if (['VBoxManage', 'virsh', 'prlctl', 'vmrun'].some(isThere)) return undefined
  return {
    detail: 'vagrant is there, and nothing that it could run a machine with',
    remedy: `${install} ${mac ? 'virtualbox' : 'vagrant-libvirt'}`,
  }
}

const isThere = (program: string): boolean =>
  !spawnSync(program, ['--version'], { stdio: 'ignore' }).error
