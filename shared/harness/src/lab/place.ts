import { resolve } from 'node:path'

/** The root of the workspace. */
export const workspace = resolve(import.meta.dirname, '..', '..', '..', '..')

/** Whether commands run right here: inside the labs' machine, or where the user chose `LAB_VM=native`. */
export function inPlace(): boolean {
  return process.env['EBPF_LABS_GUEST'] === '1' || process.env['LAB_VM'] === 'native'
}
