/** opensnoop: which process opens which file, and what comes of it. Run it as root. */
import { parseArgs, getSystemErrorName } from 'node:util'
import { BpfError } from '@ebpf-labs/libbpf'
import { opensnoop } from '../build/examples/opensnoop.skel.ts'

const usage = `opensnoop [--pid N] [--uid N] [--failed] [--count N]
  --pid N     only this process
  --uid N     only this user
  --failed    only what could not be opened
  --count N   stop after N files`

/** A whole number given as an option. */
function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new TypeError(`--${name} takes a whole number, and got '${text}'`)
  return Number(text)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pid: { type: 'string' },
      uid: { type: 'string' },
      failed: { type: 'boolean', default: false },
      count: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(usage)
  let left = number('count', values.count) ?? Infinity

  using spec = opensnoop.open()
  spec.data.rodata.only_pid = number('pid', values.pid) ?? 0
  spec.data.rodata.only_uid = BigInt(number('uid', values.uid) ?? -1)
  spec.data.rodata.only_failed = values.failed

  using skel = spec.load()
  using links = skel.attach()

  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  using opens = skel.maps.opens.open({
    signal: stop.signal,
    dropped: () => skel.data.bss.dropped,
    onDrop: (count) => console.error(`${count} files are missing here: too many at once`),
  })
  console.log('PID      UID    RESULT  COMM             PATH')
  for await (const { pid, uid, result, comm, path } of opens) {
    const outcome = result < 0 ? getSystemErrorName(result) : `fd ${result}`
    console.log(`${pid}`.padEnd(8), `${uid}`.padEnd(6), outcome.padEnd(7), comm.padEnd(16), path)
    if (--left <= 0) break
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof BpfError || error instanceof TypeError)) throw error
  console.error(`opensnoop: ${error.message}`)
  process.exitCode = 1
}
