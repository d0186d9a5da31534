/** Names some system calls, each kind by another program. */
import { type TraceLine, tracePipe } from '@ebpf-labs/harness/trace-pipe'
import { UsageError, loader } from '@ebpf-labs/harness/loader'
import { hello_tail } from './build/hello-tail.skel.ts'
import { holdCommand } from './command.ts'
import { numberOf, syscallNumbers } from './syscall-numbers.ts'

const said = /^(Executing a|Creating a|Deleting a|Some other|Another) /
const timerCalls = ['create', 'settime', 'gettime', 'getoverrun', 'delete']

const options = {
  unnamed: {
    type: 'string',
    value: 'NAMES',
    default: 'getppid',
    help: 'calls that get no program of their own, such as getppid,umask; all: every other call',
  },
} as const

await loader('programs started and timers made', options, async (run) => {
  const numbers = syscallNumbers()
  const { unnamed } = run.options
  if (unnamed !== options.unnamed.default && run.words.length === 0)
    throw new UsageError(
      '--unnamed takes a command, after --: without one the loader would report the very calls with which it reads its reports.',
    )
  const empty = unnamed === 'all' ? [...numbers.keys()] : unnamed.split(',')

  using command = await holdCommand(run.words)
  using spec = hello_tail.open()
  spec.data.rodata.nr_timer_create = BigInt(numberOf(numbers, 'timer_create'))
  spec.data.rodata.nr_timer_delete = BigInt(numberOf(numbers, 'timer_delete'))
  spec.data.rodata.target_pid = command?.pid ?? 0
  using skel = spec.load()

  const { programs } = skel.maps
  const { hello_exec, hello_timer, ignore_syscall } = skel.programs
  const slots = new Map(Array.from({ length: programs.length }, (_, nr) => [nr, ignore_syscall]))
  for (const name of empty) slots.delete(numberOf(numbers, name))
  for (const name of ['execve', 'execveat']) slots.set(numberOf(numbers, name), hello_exec)
  for (const name of timerCalls) slots.set(numberOf(numbers, `timer_${name}`), hello_timer)
  // All slots first, then the hook: what happens before a slot is filled would count as another call.
  for (const [number, program] of slots) programs.set(number, program)

  using lines = tracePipe({ text: said, signal: run.signal })
  using links = skel.attach()
  const show = ({ pid, text }: TraceLine) => run.event(`${pid} ${text}`, { pid, text })
  run.say(`Tracing system calls${command ? ' of one command' : ''}. Ctrl-C stops and detaches.`)
  command?.go(() => {
    lines.read().forEach(show)
    lines.close()
  })
  for await (const line of lines) show(line)
})
