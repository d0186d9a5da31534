/** Changes the messages of a running hello-config. */
import { loader } from '@ebpf-labs/harness/loader'
import { openConfig } from './config-map.ts'
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
