import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { dockerTrouble } from '../providers/docker.ts'
import { unmetNeeds } from '../providers/features.ts'
import { limaTrouble } from '../providers/lima.ts'
import { lacksForNative } from '../providers/native-needs.ts'
import type { ProviderName } from '../providers/select.ts'
import { vagrantTrouble } from '../providers/vagrant.ts'
import { workspace } from '../workspace.ts'
import type { Finding } from './examine.ts'

/**
 * What the other kinds of machine need of this computer. Only the selected one has to have it.
 * Nothing is started or changed.
 */
export function examineProviders(selected: ProviderName): Finding[] {
  const verdict = (name: ProviderName) => (name === selected ? 'missing' : 'note')
  const programs = (['lima', 'vagrant', 'compose'] as const).map((name): Finding => {
    const what = `LAB_VM=${name}`
    const trouble = troubles[name]()
    if (trouble) return { what, verdict: verdict(name), ...trouble }
    return { what, verdict: 'ok', detail: usable[name] }
  })
  return [...programs, ...examineNative(verdict('native'))]
}

const btf = '/sys/kernel/btf/vmlinux'
const troubles = {
  lima: limaTrouble,
  vagrant: vagrantTrouble,
  compose() {
    const trouble = dockerTrouble()
    // Where the daemon is elsewhere, as on macOS, its kernel tells when the container runs.
    if (trouble || process.platform !== 'linux' || existsSync(btf)) return trouble
    const detail = `this kernel has no BTF (${btf}), and a container has no other`
    return { detail, remedy: 'LAB_VM=qemu npm run vm -- setup' }
  },
}
const usable = {
  lima: 'limactl is there',
  vagrant: 'vagrant is there, and something to run a machine with',
  compose: 'Docker and its Compose plugin are there, and this user may use them',
}

function examineNative(lacking: 'missing' | 'note'): Finding[] {
  const what = 'LAB_VM=native'
  const lacks = lacksForNative()
  const general: Finding[] = lacks.map(({ what: name, detail, remedy }) => ({
    what: `${what}, ${name}`,
    verdict: lacking,
    detail,
    ...(remedy && { remedy }),
  }))
  if (general.length === 0) {
    general.push({ what, verdict: 'ok', detail: 'root, BTF, bpffs, tracefs and libbpf are there' })
  }
  if (process.platform !== 'linux') return general
  return [...general, ...examineLabs(what)]
}

/** Which labs this very kernel has the features for. Only a lab that is run makes it an error. */
function examineLabs(what: string): Finding[] {
  const labs = readdirSync(join(workspace, 'labs'))
    .filter((name) => existsSync(join(workspace, 'labs', name, 'package.json')))
    .sort()
  return labs.map((lab) => {
    const lacking = unmetNeeds(join(workspace, 'labs', lab), '/', 'all')
    if (lacking.length === 0) {
      return { what: `${what}, ${lab}`, verdict: 'ok', detail: 'its programs find what they need' }
    }
    const list = lacking.map(({ feature, sources }) => `${feature.name} for ${sources.join(', ')}`)
    return {
      what: `${what}, ${lab}`,
      verdict: 'note',
      detail: `this kernel lacks ${list.join('; ')}`,
      remedy: `LAB_VM=qemu npx nx test ${lab}`,
    }
  })
}
