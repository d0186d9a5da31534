import { setImmediate } from 'node:timers/promises'

/** Milliseconds a loop over events may go on before timers, signals and I/O get their turn. */
const BUDGET = 5
/** Looking at the clock costs as much as an event, so not every event does. */
const LOOK_EVERY = 16

/**
 * Keeps a flood of events from starving the rest of the process.
 *
 * A `for await` over events that are there already continues in microtasks, before which Node runs
 * neither timers nor signal handlers.
 */
export class TurnBudget {
  #start = performance.now()
  #calls = 0

  /** Whether it is time to let others run; `look` at the clock at any rate. */
  spent(look = false): boolean {
    this.#calls += 1
    if (!look && this.#calls % LOOK_EVERY !== 0) return false
    return performance.now() - this.#start > BUDGET
  }

  /** A new turn of the event loop has begun. */
  begin(): void {
    this.#start = performance.now()
  }

  /** Lets the event loop turn once. */
  async next(): Promise<void> {
    await setImmediate()
    this.begin()
  }
}
