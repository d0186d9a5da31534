const registry = new FinalizationRegistry<string>((what) => {
  // Freeing here would detach programs at the whim of the garbage collector, so it only says so.
  process.emitWarning(
    `${what} was garbage-collected without close(); it stays in the kernel until this process ends. ` +
      'Declare it with `using`, or call close().',
    { type: 'BpfLeakWarning' },
  )
})

/** Warns when `thing` is garbage-collected before {@link closedProperly} was called for it. */
export function warnIfLeaked(thing: object, what: string): void {
  registry.register(thing, what, thing)
}

/** Tells that `thing` was closed as it should be. */
export function closedProperly(thing: object): void {
  registry.unregister(thing)
}
