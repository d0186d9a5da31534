import { defineConfig } from 'vitest/config'

// On the host. Each file has machines of its own; emulating several at once only makes all slow.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
})
