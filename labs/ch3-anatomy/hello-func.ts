/** Takes hello-func.bpf.c apart, and prints system calls with it. */
import { existsSync } from 'node:fs'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { tracePipe } from '@ebpf-labs/harness/trace-pipe'
import { hello_func } from './build/hello-func.skel.ts'
import { showAnatomy } from './show.ts'

const options = {
  pid: { type: 'string', value: 'PID', help: 'whose system calls to print' },
  'machine-code': { type: 'boolean', help: 'print the machine code, too' },
} as const

await loader('a program of two functions', options, async (run) => {
  const { pid } = run.options
  if (pid !== undefined && !(/^[1-9]\d*$/.test(pid) && existsSync(`/proc/${pid}`)))
    throw new UsageError(`There is no process '${pid}'. A shell tells its number: echo $$`)

  using spec = hello_func.open({ logLevel: 4 })
  spec.data.rodata.target_pid = Number(pid ?? 0)
  using skel = spec.load()
  const log = skel.logs.get('hello') ?? ''
  showAnatomy(run, hello_func.object, skel.programs.hello, log, run.options['machine-code'])

  if (pid === undefined) {
    run.say('Not attached. --pid PID attaches it, and prints the system calls of that process.')
    return
  }
  const said = /^(.*): system call (\d+)$/
  using lines = tracePipe({ text: said, signal: run.signal })
  using _links = skel.attach()
  run.say(`Attached. Printing the system calls of process ${pid}. Ctrl-C detaches and stops.`)
  for await (const { text } of lines) {
    const [, command, call] = said.exec(text) ?? []
    run.event(text, { command, call: Number(call) })
  }
})
