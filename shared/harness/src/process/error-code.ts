/** The code of a failed system call, `ENOENT` for example; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/** What an error says, for another error's message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
