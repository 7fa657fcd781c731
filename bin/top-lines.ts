import { cut } from './top-figures.js'

type Style = keyof typeof SGR

// ECMA-48 Section 8.3.117: bold, dim, and three colours.
const SGR = { strong: '1', dim: '2', good: '32', warn: '33', bad: '31;1' } as const

/** Text and how it looks. */
export type Span = readonly [text: string, style?: Style | undefined]
export type Line = readonly Span[]

/**
 * Exactly so many cells of a terminal: what is longer is cut with `…`, what is shorter filled up. Nothing of
 * the text steers the terminal, and each UTF-16 unit is a cell wide: what else there is becomes `?`.
 */
export const drawLine = (line: Line, columns: number, isColoured: boolean): string => {
  const length = line.reduce((sum, [text]) => sum + text.length, 0)
  const isCut = length > columns
  let room = isCut ? columns - 1 : columns
  const drawn = line.map(([text, style]) => {
    const part = text.slice(0, room).replace(STRANGE, '?')
    room -= part.length
    return isColoured && style && part !== '' ? `\u001b[${SGR[style]}m${part}\u001b[0m` : part
  })
  return drawn.join('') + (isCut ? '…' : ' '.repeat(room))
}

const STRANGE = /[^\x20-\x7e▁-█…]/g

interface Column {
  title: string
  /** In cells. Columns without a width are as wide as what stands in them, if there is room. */
  width?: number
  /** Where numbers stand. */
  isRight?: boolean
}

export interface Table {
  columns: readonly Column[]
  rows: ReadonlyArray<readonly Span[]>
}

/** The head of a table, which tells of how many rows these are the first, and so many rows. */
export const tableLines = ({ columns, rows }: Table, count: number, width: number): Line[] => {
  const shown = rows.slice(0, count)
  const titles = columns.map(({ title, width: room = Infinity }, i) => {
    const counted = `${title} (${count} of ${rows.length})`
    return i === 0 && count < rows.length && counted.length <= room ? counted : title
  })
  const widths = widthsOf(
    columns,
    [titles, ...shown.map((row) => row.map(([text]) => text))],
    width,
  )
  const lineOf = (row: readonly Span[]): Line =>
    row.flatMap(([text, style], i): Span[] => {
      const room = widths[i] as number // each column has one
      const part = cut(text, room)
      const padded = columns[i]?.isRight ? part.padStart(room) : part.padEnd(room)
      return i === 0 ? [[padded, style]] : [[' '], [padded, style]]
    })
  return [titles.map((title): Span => [title, 'dim']), ...shown].map(lineOf)
}

/** How much each of several gets that want so much, where there is so much room: none starves. */
export const sharesOf = (wants: readonly number[], room: number): number[] => {
  const shares = wants.map(() => 0)
  for (let left = room; left > 0;) {
    const before = left
    for (const [i, want] of wants.entries())
      if (left > 0 && (shares[i] as number) < want) {
        shares[i] = (shares[i] as number) + 1
        left--
      }
    if (left === before) break
  }
  return shares
}

const widthsOf = (
  columns: readonly Column[],
  rows: ReadonlyArray<readonly string[]>,
  width: number,
): number[] => {
  const fixed = columns.reduce((sum, column) => sum + (column.width ?? 0) + 1, -1)
  const wanted = columns.map((column, i) =>
    column.width === undefined ? Math.max(...rows.map((row) => (row[i] as string).length)) : 0,
  )
  const shares = sharesOf(wanted, width - fixed)
  return columns.map((column, i) => column.width ?? Math.max(shares[i] as number, MIN_WIDTH))
}

const MIN_WIDTH = 8
