import { uptime } from 'node:os'

/** How long this computer has slept since it started, in seconds: its uptime counts that, the monotonic clock does not. */
export const secondsAsleep = (): number =>
  Math.round(uptime() - Number(process.hrtime.bigint()) / 1e9)
