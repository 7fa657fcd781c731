import { AdminFailure, type AdminClient, type Json } from './admin-client.js'
import { turnForeignRow, type FieldNames, type ForeignSystem } from './foreign-users.js'
import {
  createImportSum,
  partReportOf,
  type ImportSum,
  type LineProblem,
  type SkippedLine,
} from './import-report.js'
import { LIMIT_LINE_BYTES, readInputLines, type Input, type InputLine } from './input-lines.js'
import type { Progress } from './progress.js'

export interface ImportOptions {
  /** May be made again where it failed: rows that are there already are unchanged. */
  call: AdminClient
  input: Input
  from: ForeignSystem | undefined
  /** Wall-clock time in milliseconds. */
  nowMs: number
  progress: Progress
  print: (report: unknown) => Promise<void>
  tell: (line: string) => void
  /** Ends it, whatever it waits for. */
  signal: AbortSignal
}

/**
 * Imports the lines of an input, a thousand or a mebibyte at a time, and prints the report of all.
 * @throws AdminFailure when rows were not imported; where it broke off, after the report so far
 */
export const importUsers = async (options: ImportOptions): Promise<void> => {
  const { progress, signal } = options
  const sum = createImportSum({ maySkip: options.from !== undefined })
  let last = 0
  const transfer = async (): Promise<void> => {
    for await (const part of partsOf(options)) {
      await send(part, options.call, sum)
      last = part.last
      progress.show(last, part.endBytes)
    }
  }
  try {
    await Promise.race([transfer(), interruption(signal)])
  } catch (error) {
    progress.end()
    if (!(error instanceof AdminFailure) || last === 0) throw error
    await printReport(options, sum)
    throw new AdminFailure(
      `${error.message}; the lines up to ${last} are done: run it again, and they are unchanged`,
    )
  }
  progress.end()
  await printReport(options, sum)
  const { failedRows } = sum
  if (failedRows > 0)
    throw new AdminFailure(`${failedRows} of the rows were not imported; see failed`)
}

const interruption = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const give = (): void => reject(new AdminFailure('interrupted'))
    signal.addEventListener('abort', give, { once: true })
  })

/** Where the report cannot be printed, the counts are told at least. */
const printReport = async ({ print, tell }: ImportOptions, sum: ImportSum): Promise<void> => {
  for (const [why, { count, first }] of sum.skips)
    tell(`${count} of the rows ${why}: left out, the first is line ${first}`)
  try {
    await print(sum.report)
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error
    const { imported, unchanged } = sum.report
    throw new AdminFailure(
      `${error.message}; ${imported} of the rows were imported, ${unchanged} unchanged, ${sum.failedRows} not imported`,
    )
  }
}

/** Some lines, to be sent at once. */
interface Part {
  rows: Buffer[]
  /** The number of each row in the input. */
  lines: number[]
  /** How the fields of each row are called there. */
  names: FieldNames[]
  /** What is wrong with lines that are not sent. */
  problems: LineProblem[]
  skipped: SkippedLine[]
  /** The number of the last line. */
  last: number
  /** How much of the input is behind it, in bytes. */
  endBytes: number
}

async function* partsOf({ input, from, nowMs }: ImportOptions): AsyncGenerator<Part> {
  let part = emptyPart()
  let bytes = 0
  for await (const line of readInputLines(input.chunks)) {
    const row = rowOf(line, from, nowMs)
    part.last = line.number
    part.endBytes = line.endBytes
    if ('bytes' in row) {
      part.rows.push(row.bytes, LF)
      part.lines.push(line.number)
      part.names.push(row.names)
      bytes += row.bytes.length
    } else if ('skip' in row) part.skipped.push(row)
    else part.problems.push(row)
    const { lines, problems, skipped } = part
    const count = lines.length + problems.length + skipped.length
    if (bytes < PART_BYTES && count < PART_LINES) continue
    yield part
    part = emptyPart()
    bytes = 0
  }
  if (part.last > 0) yield part
}

const emptyPart = (): Part => ({
  rows: [],
  lines: [],
  names: [],
  problems: [],
  skipped: [],
  last: 0,
  endBytes: 0,
})

const PART_LINES = 1_000
const PART_BYTES = 1_048_576
const LF = Buffer.from('\n')

/** The line as it is sent, or why it is not. */
const rowOf = (
  { number: line, bytes }: InputLine,
  from: ForeignSystem | undefined,
  nowMs: number,
): { bytes: Buffer; names: FieldNames } | LineProblem | SkippedLine => {
  if (!bytes) return { line, detail: `must have at most ${LIMIT_LINE_BYTES} bytes` }
  const fields = from === undefined ? undefined : parseObject(bytes)
  // Of what is no object the gateway says so.
  if (from === undefined || !fields) return { bytes, names: OWN_NAMES }
  const turned = turnForeignRow(from, fields, nowMs)
  if ('skip' in turned) return { line, skip: turned.skip }
  if (!turned.ok) return { line, ...turned.problem }
  return { bytes: Buffer.from(JSON.stringify(turned.row)), names: turned.names }
}

const OWN_NAMES: FieldNames = new Map()

const parseObject = (bytes: Buffer): Json | undefined => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Json)
      : undefined
  } catch {
    return undefined
  }
}

const send = async (part: Part, call: AdminClient, sum: ImportSum): Promise<void> => {
  const report = await call({
    method: 'POST',
    path: '/v1/users/import',
    body: Buffer.concat(part.rows),
    contentType: 'application/x-ndjson',
  })
  const told = partReportOf(report, part.lines.length)
  const failed = told.failed.map((row) => {
    const name = part.names[row.line - 1]?.get(String(row['field']))
    return name === undefined ? row : { ...row, field: name }
  })
  sum.add({ ...told, failed }, part.lines, part.problems, part.skipped)
}
