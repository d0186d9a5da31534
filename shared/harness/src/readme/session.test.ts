import { expect } from 'vitest'
import { fileTest as test } from '../test.ts'
import { parseReadme } from './parse.ts'
import { ReadmeSession } from './session.ts'
import { messageOf } from '../process/error-code.ts'

const fence = '```'

/** Executes a README with blocks of these info strings and texts; returns the error's message, or 'passed'. */
async function execute(...blocks: [info: string, text: string][]): Promise<string> {
  const markdown = blocks
    .map(([info, text]) => `${fence}${info}\n${text}\n${fence}\n`)
    .join('\nText.\n\n')
  try {
    const consoles = parseReadme(markdown, 'README.md').filter((block) => block.kind === 'console')
    await using session = new ReadmeSession('README.md', consoles, '/tmp')
    for (const block of consoles) await session.run(block)
    return 'passed'
  } catch (error) {
    return messageOf(error)
  }
}

test('commands run in order, in one shell', async () => {
  const text = '$ cd /proc\n$ x=5\n$ echo $x in $PWD\n5 in /proc\n$ echo oops >&2\noops'
  expect(await execute(['console', text])).toBe('passed')
})

test('a command that goes over several lines is one command', async () => {
  const text = `$ echo one \\\n>   two\none two\n$ cat <<END\n> three\n> END\nthree\n$ echo a\\\nb\nab`
  expect(await execute(['console', text])).toBe('passed')
})

test('a mismatch tells line, command, expected and got', async () => {
  const said = await execute([
    'console',
    '$ echo fine\nfine\n$ echo right; echo wrong\nright\nleft',
  ])
  expect(said).toMatch(/^README.md:4: expected other output|^README.md:4: expected /)
  expect(said).toContain('$ echo right; echo wrong')
  expect(said).toContain('    right\n  - left\n  + wrong')
})

test('output that nothing expects is a mismatch, and so is output that does not come', async () => {
  expect(await execute(['console', '$ echo surprise'])).toContain('+ surprise')
  expect(await execute(['console', '$ true\nhello'])).toContain('- hello')
})

test('a wrong line is reported without waiting for the end', async () => {
  const started = performance.now()
  expect(await execute(['console', '$ echo wrong; sleep 60\nright'])).toContain('- right')
  expect(performance.now() - started).toBeLessThan(25_000) // it would wait 30 s
})

test('a block tells the oldest kernel that does what it shows', () => {
  const blockWith = (info: string) =>
    parseReadme(`${fence}${info}\n$ true\n${fence}\n`, 'README.md')[0]
  expect(blockWith('console timeout=30 since=5.16')).toMatchObject({ since: '5.16' })
  expect(blockWith('console since=6.4/arm64')).toMatchObject({ since: '6.4/arm64' })
  expect(blockWith('console')).not.toHaveProperty('since')
  expect(() => blockWith('console since=new')).toThrow('README.md:1: expected terminal=NAME, exit')
})

test('a command that fails fails the block, unless it says so', async () => {
  expect(await execute(['console', '$ false'])).toContain('exit code 0, got 1')
  expect(await execute(['console exit=1', '$ false'])).toBe('passed')
  expect(await execute(['console exit=1', '$ true'])).toContain('exit code 1, got 0')
})

test('what was captured serves in later commands and later output', async () => {
  const first = '$ echo id 77\nid {id:d}'
  expect(await execute(['console', first], ['console', '$ echo again {id}\nagain {id:d}'])).toBe(
    'passed',
  )
  expect(await execute(['console', first], ['console', '$ echo again 78\nagain {id:d}'])).toContain(
    '+ again 78',
  )
})

test('a second terminal is a shell of its own', async () => {
  expect(
    await execute(
      ['console', '$ x=1'],
      ['console terminal=2', '$ echo "x is $x"\nx is '],
      ['console', '$ echo $x\n1'],
    ),
  ).toBe('passed')
})

const ticker = `sh -c 'trap "echo stopped; exit 0" INT; echo started; while sleep 0.02; do test -f go && echo went; done'`

test('a command stays in the foreground until a later block goes on with it, and Ctrl-C ends it', async () => {
  expect(
    await execute(
      ['console', `$ cd $(mktemp -d); pwd > /tmp/readme-session; ${ticker}\nstarted`],
      ['console terminal=2', '$ cd $(cat /tmp/readme-session)\n$ touch go'],
      ['console', 'went\nwent\n...\n^C\nstopped\n$ echo next\nnext'],
      ['console terminal=2', '$ rm -r $PWD /tmp/readme-session'],
    ),
  ).toBe('passed')
})

test('after Ctrl-C the last words are compared, too', async () => {
  const said = await execute(['console', `$ ${ticker}\nstarted\n^C\nbye`])
  expect(said).toContain('- bye\n  + stopped')
})

test('a command that Ctrl-C kills passes', async () => {
  expect(await execute(['console', '$ echo up; sleep 60\nup\n^C\n$ echo next\nnext'])).toBe(
    'passed',
  )
})

test('a background job can be started, seen and ended', async () => {
  const text = '$ sleep 60 &\n$ kill %1; wait $!\n$ echo $?\n143'
  expect(await execute(['console', text])).toContain('exit code 0, got 143')
  expect(await execute(['console', '$ sleep 60 &\n$ kill %1; wait $! || true\n$ jobs\n'])).toBe(
    'passed',
  )
})

test('a command that does not end is reported with what to write', async () => {
  const said = await execute(['console timeout=5', '$ echo up; sleep 60\nup'])
  expect(said).toContain('after 5 s it still runs')
  expect(said).toContain('^C in a later block')
})

test('an output without a newline at its end, and blank lines after it, are compared', async () => {
  expect(
    await execute(['console', "$ printf 'no newline'\nno newline\n$ printf 'a\\n\\n'\na"]),
  ).toBe('passed')
})

test('a block that cannot be executed says why', async () => {
  expect(await execute(['console', 'output'])).toContain(
    'README.md:2: no command runs in terminal 1',
  )
  expect(await execute(['console', '$ sleep 9\n^C'])).toContain(
    'README.md:3: show a line of the output',
  )
  expect(await execute(['console tty=1', '$ true'])).toContain("got 'tty=1'")
})

test('commands cannot eat those that follow', async () => {
  const text = '$ (cat <&3) 2> /dev/null || echo closed\nclosed\n$ echo next\nnext'
  expect(await execute(['console', text])).toBe('passed')
})

test('commands do not read the README, and colours do not count', async () => {
  expect(await execute(['console', "$ cat\n$ printf '\\033[31mred\\033[0m\\n'\nred"])).toBe(
    'passed',
  )
})
