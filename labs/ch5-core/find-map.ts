/** Finds a map by the path that it is pinned at, and says what it is. */
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { openPinnedMap } from '@ebpf-labs/libbpf'

await loader('find-map [PATH]: what is pinned there', {}, (run) => {
  const [path = '/sys/fs/bpf/findme', ...rest] = run.words
  if (rest.length > 0) throw new UsageError(`find-map takes one path, and got ${run.words.length}.`)

  using map = openPinnedMap(path)
  const { name, typeName: type, keySize, valueSize, maxEntries, id, btfId } = map.info()
  run.event(`name        ${name}`, { path, name, type, keySize, valueSize, maxEntries, id, btfId })
  if (run.json) return
  run.say(`type        ${type}, up to ${maxEntries} entries`)
  run.say(`key, value  ${keySize} and ${valueSize} bytes`)
  run.say(
    `id          ${id}${btfId > 0 ? `, its types are BTF ${btfId}` : ', and no BTF tells its types'}`,
  )
})
