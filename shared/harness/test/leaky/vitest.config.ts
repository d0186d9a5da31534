export default { test: { include: ['leaky.ts'], pool: 'forks' } }
