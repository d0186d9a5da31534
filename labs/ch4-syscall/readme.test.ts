import { rmSync } from 'node:fs'
import { readmeTests } from '@ebpf-labs/harness'

// A run that was killed on its way leaves the README's pins behind: each would be in the way.
for (const pin of ['pass', 'left', 'right', 'hello_raw', 'hello_link'])
  rmSync(`/sys/fs/bpf/${pin}`, { force: true })

readmeTests(new URL('README.md', import.meta.url))
