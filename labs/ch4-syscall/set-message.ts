/** Changes the messages of a running hello-config. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { HashMap, type MapInfo, maps, openMapById, openPinnedMap, u32 } from '@ebpf-labs/libbpf'
import { message } from './build/hello-config.skel.ts'
import { parseMessages, writeMessages } from './messages.ts'

const options = {
  map: { type: 'string', value: 'NAME', default: 'config', help: 'name of the map' },
  id: { type: 'string', value: 'ID', help: 'its id, where several have that name' },
  pinned: { type: 'string', value: 'PATH', help: 'where it is pinned' },
} as const

await loader('writes words such as 1000=Hi into the map; 1000= deletes', options, (run) => {
  const messages = parseMessages(run.words)
  using config = openConfig(run.options)
  writeMessages(config, messages)
  for (const [uid, { text }] of config) run.event(`${uid} ${text}`, { uid, message: text })
})

function openConfig({
  map,
  id,
  pinned,
}: {
  map: string
  id?: string | undefined
  pinned?: string | undefined
}) {
  const codecs = { key: u32, value: message }
  const found =
    pinned === undefined
      ? openMapById(id === undefined ? onlyIdOf(map) : Number(id), codecs)
      : openPinnedMap(pinned, { codecs })
  if (found instanceof HashMap) {
    const config: HashMap<number, message> = found
    return config
  }
  found.close()
  throw new UsageError(`'${pinned ?? id ?? map}' is no hash map.`)
}
/** The id of the only map of a name. Names are no keys: the kernel takes any number of maps of one name. */
function onlyIdOf(name: string): number {
  const all = [...maps()]
  const [first, ...more] = all.filter((map) => map.name === name)
  const list = (some: readonly MapInfo[]) =>
    some.map((map) => `  ${map.id}: ${map.type}  ${map.name}`).join('\n')
  if (first === undefined)
    throw new UsageError(
      `no map has the name '${name}'. Start hello-config, or name another one with --map:\n${list(all)}`,
    )
  if (more.length === 0) return first.id
  throw new UsageError(
    `${more.length + 1} maps have the name '${name}'. Say which one with --id:\n${list([first, ...more])}`,
  )
}
