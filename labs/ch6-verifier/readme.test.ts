import { readmeTests } from '@ebpf-labs/harness'

// The loops that it shows take the iterators of Linux 6.4.
readmeTests(new URL('README.md', import.meta.url), { since: '6.4' })
