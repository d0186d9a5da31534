/** Takes hello.bpf.c apart, and counts the packets of an interface with it. */
import { setTimeout as delay } from 'node:timers/promises'
import { loader } from '@ebpf-labs/harness/loader'
import { hello } from './build/hello.skel.ts'
import { showAnatomy } from './show.ts'

const options = {
  interface: { type: 'string', value: 'NAME', default: 'lo', help: 'whose packets to count' },
  'machine-code': { type: 'boolean', help: 'print the machine code, too' },
} as const

await loader('a program from its file to its packets', options, async (run) => {
  const device = run.options.interface

  using spec = hello.open({ logLevel: 4 })
  using skel = spec.load()
  const log = skel.logs.get('hello') ?? ''
  showAnatomy(run, hello.object, skel.programs.hello, log, run.options['machine-code'])

  using _link = skel.programs.hello.attachXdp(device)
  run.say(`Attached to ${device}: counting what comes in. Ctrl-C detaches and stops.`)
  for (;;) {
    const { counter: packets } = skel.data.bss
    run.table([{ key: device, text: `${packets} packets`, record: { packets } }])
    await delay(1000, undefined, { signal: run.signal })
  }
})
