export default {
  test: { include: ['leaky.ts'], pool: 'forks', testTimeout: 90_000, hookTimeout: 90_000 },
}
