import { readmeTests } from '@ebpf-labs/harness'

readmeTests(new URL('README.md', import.meta.url))
