/** The folders of this lab, and the sections of its table. */
export type Group = 'tracing' | 'userspace' | 'networking' | 'cgroup' | 'security' | 'other'

/** One place in the kernel where a program can be attached, and its little show. */
export interface Hook {
  /** The word after `npx nx start ch7-types --`, and the name of its two files: `fexit`. */
  name: string
  group: Group
  /** Pattern of the section name: `fexit/FUNCTION`. */
  section: string
  /** When the program runs, in a few words: `when a function of the kernel returns`. */
  when: string
  /** What the program is given: `the function’s arguments and its result`. */
  context: string
  /** What its return value does: `nothing`, or `0 lets it pass, -errno refuses`. */
  returns: string
  /** The oldest kernel that has the hook, major and minor: `5.5`. */
  since: string
  /** The oldest kernel on arm64, where it got there later. */
  sinceOnArm64?: string
  /** What else the kernel needs, as its configuration calls it: `CONFIG_NETKIT`. */
  config?: string
  /** Where loading the program does not tell whether this kernel has the hook: tries more, and says why it has not. */
  lacks?: () => string | undefined
  /**
   * Loads the program, attaches it, hits the hook on purpose, and tells what the program saw. Nothing stays behind.
   * @throws BpfError where this kernel does not have the hook
   */
  show: () => Promise<Sighting[]> | Sighting[]
}

/** Something that was done to hit the hook, and what the program saw of it. */
export interface Sighting {
  /** What this process did: `mkdir("/tmp/new")`. */
  did: string
  /** Fields of the program's context, as the program reported them; undefined if it did not run. */
  saw: Record<string, string | number | bigint | boolean> | undefined
  /** What came of it for whoever did it, where the program decides that: `EPERM`. */
  outcome?: string
}
