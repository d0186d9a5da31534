/** One row of a table that is shown again and again. */
export interface TableRow {
  /** Tells rows apart from one time to the next. */
  key: string | number | bigint
  /** The row for people. */
  text: string
  /** The row for `--json`. */
  record: Record<string, unknown>
}

/** The part of a terminal that a table needs; `process.stdout` has it. */
export interface Screen {
  readonly rows: number
  readonly columns: number
  write(text: string): unknown
}

/** Draws a table over its last version. Rows that do not fit the screen are counted, not shown. */
export class LiveTable {
  readonly #screen: Screen
  #height = 0

  constructor(screen: Screen) {
    this.#screen = screen
  }

  draw(rows: readonly TableRow[]): void {
    const { rows: height, columns } = this.#screen
    const room = Math.max(1, height - 2)
    const lines = rows.slice(0, room).map(({ text }) => text.slice(0, columns))
    if (rows.length > room) lines.push(`… and ${rows.length - room} more`)
    // Up to the first line of the last version, and clear from there to the end (ECMA-48 CUU and ED).
    const back = this.#height > 0 ? `\u001B[${this.#height}A\u001B[J` : ''
    this.#screen.write(back + lines.map((line) => `${line}\n`).join(''))
    this.#height = lines.length
  }
}

/** Finds the rows that are new or say something else than the last time, for output that cannot be drawn over. */
export class ChangedRows {
  #last = new Map<TableRow['key'], string>()

  of(rows: readonly TableRow[]): TableRow[] {
    const changed = rows.filter(({ key, text }) => this.#last.get(key) !== text)
    this.#last = new Map(rows.map(({ key, text }) => [key, text]))
    return changed
  }
}
