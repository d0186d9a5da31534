import { expect, test } from 'vitest'
import { ChangedRows, LiveTable, type TableRow } from './live-table.ts'

const row = (key: number, text: string): TableRow => ({ key, text, record: { key } })

function screen(rows: number, columns = 80) {
  const written: string[] = []
  return { rows, columns, written, write: (text: string) => written.push(text) }
}

test('a table is drawn over its last version', () => {
  const terminal = screen(24)
  const table = new LiveTable(terminal)
  table.draw([row(1, 'one'), row(2, 'two')])
  table.draw([row(2, 'two again')])
  expect(terminal.written).toEqual(['one\ntwo\n', '\u001B[2A\u001B[Jtwo again\n'])
})

test('rows that do not fit the screen are counted', () => {
  const terminal = screen(5, 4)
  new LiveTable(terminal).draw([1, 2, 3, 4, 5].map((n) => row(n, `row ${n}`)))
  expect(terminal.written).toEqual(['row \nrow \nrow \n… and 2 more\n'])
})

test('without a terminal only rows that changed are printed', () => {
  const changed = new ChangedRows()
  expect(changed.of([row(1, 'a'), row(2, 'b')])).toHaveLength(2)
  expect(changed.of([row(1, 'a'), row(2, 'c'), row(3, 'd')]).map(({ key }) => key)).toEqual([2, 3])
  expect(changed.of([row(1, 'a')])).toEqual([])
})
