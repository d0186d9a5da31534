import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { iter as skeleton } from '../build/tracing/iter.skel.ts'
import type { Hook, Sighting } from '../hook.ts'
import { temporaryFolder } from '../watch.ts'

export const iter: Hook = {
  name: 'iter',
  group: 'tracing',
  section: 'iter/OBJECTS',
  when: 'user space reads from it: once for each object of a kind',
  context: 'the object with its type, and where to write text',
  returns: '0 goes on to the next object, 1 does this one again',
  since: '5.8',
  show() {
    using spec = skeleton.open()
    spec.data.rodata.only_thread = process.pid
    using skel = spec.load()
    using link = skel.programs.each_file.attach()
    using folder = temporaryFolder()
    const path = join(folder.path, 'notes.txt')
    writeFileSync(path, '')

    /** Reads the iterator, and looks for the file in what the program wrote. */
    const read = (did: string): Sighting => {
      const [fd, name] =
        link
          .lines()
          .find((line) => line.endsWith(' notes.txt'))
          ?.split(' ') ?? []
      return { did, saw: name === undefined ? undefined : { descriptor: Number(fd), name } }
    }

    const fd = openSync(path, 'r')
    const opened = read(`opened notes.txt as ${fd}, and read`)
    closeSync(fd)
    return [opened, read('closed it, and read again')]
  },
}
