/** SIGURG is ignored unless a process asks for it; signal 0 only asks whether one could be sent, and none is. */
export const signals = ['SIGURG', 0].map((signal) => ({
  did: `kill(own pid, ${signal})`,
  act: () => process.kill(process.pid, signal),
}))
