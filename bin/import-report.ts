import type { Json } from './admin-client.js'
import { noGateway } from './users-pages.js'

/** What is wrong with one line. */
export interface LineProblem {
  line: number
  field?: string
  detail: string
}

/** A line that is left out, and why. */
export interface SkippedLine {
  line: number
  skip: string
}

/** What a gateway says of a part of an import. */
export interface PartReport {
  imported: number
  unchanged: number
  failed: Array<Json & { line: number }>
  unreported: number
}

/** @throws AdminFailure when it is no report, or one about other lines than the `count` that were sent */
export const partReportOf = (report: Json, count: number): PartReport => {
  const { imported, unchanged, failed, unreported } = report
  const isLine = (line: unknown): boolean =>
    Number.isInteger(line) && Number(line) >= 1 && Number(line) <= count
  const isReport =
    [imported, unchanged, unreported].every(Number.isInteger) &&
    Array.isArray(failed) &&
    failed.every((row: Json | null) => isLine(row?.['line']))
  if (!isReport) throw noGateway()
  return report as unknown as PartReport // as was just seen
}

/** The report of a whole import, which is bounded like that of a part. */
export interface ImportSum {
  readonly report: {
    imported: number
    unchanged: number
    /** Only where lines may be left out. */
    skipped?: number
    failed: object[]
    unreported: number
  }
  /** How many rows were not imported. */
  readonly failedRows: number
  /** Why lines were left out, how many, and the first of them. */
  readonly skips: ReadonlyMap<string, { count: number; first: number }>
  /** Adds a part whose line `i` is `lines[i - 1]` of the whole, and what was wrong with others in between. */
  add(
    part: PartReport,
    lines: readonly number[],
    others: readonly LineProblem[],
    skipped: readonly SkippedLine[],
  ): void
}

export const createImportSum = ({ maySkip }: { maySkip: boolean }): ImportSum => {
  const report: ImportSum['report'] = {
    imported: 0,
    unchanged: 0,
    ...(maySkip && { skipped: 0 }),
    failed: [],
    unreported: 0,
  }
  const skips = new Map<string, { count: number; first: number }>()
  let failedRows = 0
  return {
    report,
    skips,
    get failedRows() {
      return failedRows
    },
    add: (part, lines, others, skipped) => {
      for (const { line, skip } of skipped) {
        const { count, first } = skips.get(skip) ?? { count: 0, first: line }
        skips.set(skip, { count: count + 1, first })
      }
      if (report.skipped !== undefined) report.skipped += skipped.length
      report.imported += part.imported
      report.unchanged += part.unchanged
      report.unreported += part.unreported
      failedRows += part.unreported
      const told = part.failed.map((row) => ({ ...row, line: lines[row.line - 1] as number }))
      const byLine = new Map<number, object[]>()
      for (const problem of [...told, ...others].toSorted((a, b) => a.line - b.line))
        byLine.set(problem.line, [...(byLine.get(problem.line) ?? []), problem])
      for (const problems of byLine.values()) {
        failedRows++
        if (report.failed.length + problems.length > LIMIT_FAILED) report.unreported++
        else report.failed.push(...problems)
      }
    },
  }
}

const LIMIT_FAILED = 1_000
