export default {
  test: { include: ['readme.ts'], pool: 'forks', testTimeout: 90_000, hookTimeout: 90_000 },
}
