import { spawnSync } from 'node:child_process'
import { readmeTests } from '@ebpf-labs/harness'

// A run that was killed on its way leaves the README's namespace and pins behind: each would be in the way.
spawnSync('ip', ['netns', 'delete', 'away'])
spawnSync('bash', ['-c', 'rm -rf /sys/fs/bpf/hello{,2,-func,-tail} /sys/fs/bpf/deep-stack'])
spawnSync('rmdir', ['/sys/kernel/tracing/instances/aborted'])

readmeTests(new URL('README.md', import.meta.url))
