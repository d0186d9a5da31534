export default { test: { include: ['readme.ts'], pool: 'forks' } }
