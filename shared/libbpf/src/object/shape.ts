/** What a skeleton knows about an object at compile time. */
export interface Shape {
  /** Class of each live map by name. */
  maps: object
  /** Names of the programs. */
  programs: string
  /** Global variables by section: `{ rodata: { target_pid: number } }`. */
  data: object
}

/** The shape of an object that nothing is known about. */
export interface AnyShape {
  // oxlint-disable-next-line typescript/no-explicit-any
  maps: Record<string, any>
  programs: string
  // oxlint-disable-next-line typescript/no-explicit-any
  data: Record<string, Record<string, any>>
}
