/** One line for every program that is started in this machine. */
import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { loader } from '@ebpf-labs/harness/loader'
import { tracePipe } from '@ebpf-labs/harness/trace-pipe'
import { hello } from './build/hello.skel.ts'

const options = {
  demo: { type: 'boolean', help: 'also start a harmless program once a second' },
} as const

await loader('one line for every program that is started', options, async (run) => {
  using spec = hello.open()
  using skel = spec.load()
  using lines = tracePipe({ text: 'hello world', signal: run.signal })
  using links = skel.attach()

  run.say('Tracing execve: one line for every program that is started in this machine.')
  if (run.options.demo)
    run.say('Once a second a harmless program is started, so that there is something to see.')
  run.say('Ctrl-C detaches the program and stops.\n')
  run.say('PID      COMM             MESSAGE')
  const demo = run.options.demo ? startPrograms(run.signal) : undefined
  for await (const { pid, comm, text } of lines)
    run.event(`${String(pid).padEnd(7)}  ${comm.padEnd(15)}  ${text}`, { pid, comm, text })
  await demo
})

/** Starts a program at once and then every second, until the signal is aborted. */
async function startPrograms(signal: AbortSignal): Promise<void> {
  const programs = ['uname', 'date', 'id', 'uptime', 'hostname']
  for (let n = 0; !signal.aborted; n++) {
    // The full path: a search through PATH would be one execve for each folder tried.
    spawn(`/usr/bin/${programs[n % programs.length]}`, { stdio: 'ignore' })
    await delay(1000, undefined, { signal }).catch(() => undefined)
  }
}
