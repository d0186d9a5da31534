import { UsageError } from '@ebpf-labs/harness/loader'
import { HashMap, type MapInfo, maps, openMapById, openPinnedMap, u32 } from '@ebpf-labs/libbpf'
import { message } from './build/hello-config.skel.ts'

/** Which map is meant. */
export interface WhichMap {
  /** Its name, unless it has to be found otherwise. */
  map: string
  id?: string | undefined
  /** Path of its pin. */
  pinned?: string | undefined
}

/**
 * Opens the map of messages that another process made: by path, by id, or by its name.
 * @throws UsageError when there is none, or several; BpfError when its keys or values have another size
 */
export function openConfig({ map, id, pinned }: WhichMap): HashMap<number, message> {
  const codecs = { key: u32, value: message }
  const found =
    pinned === undefined
      ? openMapById(id === undefined ? onlyIdOf(map) : parseId(id), codecs)
      : openPinnedMap(pinned, { codecs })
  if (found instanceof HashMap) {
    const config: HashMap<number, message> = found
    return config
  }
  found.close()
  throw new UsageError(`'${pinned ?? id ?? map}' is no hash map.`)
}

function parseId(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new UsageError(`--id takes the id of a map, as bpftool map shows it, and got '${text}'.`)
}

/** The id of the only map of a name. Names are no keys: the kernel takes any number of maps of one name. */
function onlyIdOf(name: string): number {
  const all = [...maps()]
  const [first, ...more] = all.filter((map) => map.name === name)
  const list = (some: readonly MapInfo[]) =>
    some.map((map) => `  ${map.id}: ${map.typeName}  ${map.name}`).join('\n')
  if (first === undefined)
    throw new UsageError(
      all.length === 0
        ? `no map has the name '${name}', and there is no other. Start hello-config first.`
        : `no map has the name '${name}'. Start hello-config, or name another one with --map:\n${list(all)}`,
    )
  if (more.length === 0) return first.id
  throw new UsageError(
    `${more.length + 1} maps have the name '${name}'. Say which one with --id:\n${list([first, ...more])}`,
  )
}
