// A README with a lie in it; readme-tests.test.ts runs this and reads what vitest says.
import { readmeTests } from '../../src/readme/readme-tests.ts'

readmeTests(new URL('README.md', import.meta.url))
