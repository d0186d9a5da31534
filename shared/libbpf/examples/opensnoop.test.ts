import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const tool = new URL('opensnoop.ts', import.meta.url).pathname
const deadline = 60_000

/** Starts the tool, opens files once it runs, and returns its lines after the heading. */
async function snoop(args: string[], open: () => void): Promise<string[]> {
  const child = spawn(process.execPath, [tool, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('PID')) open()
    else lines.push(line.replaceAll(/ {2,}/g, ' '))
  }
  expect(await ended).toEqual([0, null])
  return lines
}

/** Tries to open a file, which need not be there. */
function tryOpen(path: string): void {
  try {
    closeSync(openSync(path, 'r'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

const me = ['--pid', String(process.pid)]

test(
  'each file that a process opens is a line, with what came of it',
  { timeout: deadline },
  async () => {
    const lines = await snoop([...me, '--count', '2'], () => {
      tryOpen('/etc/hostname')
      tryOpen('/no/such/file')
    })
    const { pid } = process
    expect(lines[0]).toMatch(new RegExp(`^${pid} 0 fd \\d+ \\S+ /etc/hostname$`))
    expect(lines[1]).toMatch(new RegExp(`^${pid} 0 ENOENT \\S+ /no/such/file$`))
  },
)

test('with --failed, what could be opened is left out', { timeout: deadline }, async () => {
  const lines = await snoop([...me, '--failed', '--count', '1'], () => {
    tryOpen('/etc/hostname')
    tryOpen('/no/such/file')
  })
  expect(lines).toEqual([expect.stringContaining('ENOENT')])
})

test('with --uid of another user, this process is left out', { timeout: deadline }, async () => {
  const lines = await snoop(['--uid', '4711', '--count', '1'], () => {
    tryOpen('/etc/hostname')
    spawn('/bin/cat', ['/etc/hostname'], { uid: 4711, stdio: 'ignore' })
  })
  expect(lines).toEqual([expect.stringMatching(/^\d+ 4711 /)])
})
