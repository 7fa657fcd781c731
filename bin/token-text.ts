import type { Moment, TokenReport } from '../lib/explain.js'
import { printable, printableJson } from '../lib/log.js'

type Row = readonly string[]

/** What no look at a token can tell. */
export const REVOCATION_NOTE =
  'Whether a token has been revoked is known to the running gateway alone.'

/** A report for people. Whatever the token holds, it steers no terminal. */
export const tokenText = (report: TokenReport): string => {
  const { now, checks, header, claims, dates, key, passport, segment, headers } = report
  const unverified = report.signatureVerified
    ? ''
    : ' (not verified: anybody can have written this)'
  const sections: Array<[string, readonly Row[]]> = [
    [
      `Checks, as of ${now.seconds} (${now.utc})`,
      checks.map(({ question, outcome }) => [outcome, question]),
    ],
    [`Header${unverified}`, fieldRows(header)],
    [`Claims${unverified}`, fieldRows(claims)],
    [
      `Dates${unverified}`,
      Object.entries(dates).map(([name, date]) => [name, ...momentCells(date)]),
    ],
    [
      'Key',
      key
        ? [
            ['kid', printable(key.kid)],
            ['ends', ...(key.notAfter ? momentCells(key.notAfter) : ['never'])],
          ]
        : [['none of the ring is known to have signed it']],
    ],
    [
      'What the service behind would get',
      headers
        ? [
            ['X-Passport', headers['X-Passport']],
            ['', printableJson(passport)],
            ['X-Proxy-State', headers['X-Proxy-State']],
            ['', printable(segment)],
          ]
        : [['nothing: the request does not reach it']],
    ],
  ]
  return [
    report.accepted ? 'accepted' : `refused: ${report.reason}\n${report.why}`,
    ...sections.flatMap(([title, rows]) => (rows.length > 0 ? [`${title}\n${align(rows)}`] : [])),
    `${REVOCATION_NOTE}\n`,
  ].join('\n\n')
}

const fieldRows = (fields: Readonly<Record<string, unknown>> | null): Row[] =>
  fields === null
    ? [['does not read as a JSON object']]
    : Object.entries(fields).map(([name, value]) => [printable(name), printableJson(value)])

const momentCells = ({ seconds, utc, fromNowSeconds }: Moment): Row => [
  String(seconds),
  utc,
  distance(fromNowSeconds),
]

/** Says how far off a moment is, in its two greatest units. */
const distance = (fromNowSeconds: number): string => {
  let rest = Math.abs(fromNowSeconds)
  const parts = UNITS.flatMap(([name, seconds]) => {
    const count = Math.floor(rest / seconds)
    rest -= count * seconds
    return count > 0 ? [`${count} ${name}`] : []
  })
  if (parts.length === 0) return 'now'
  const text = parts.slice(0, 2).join(' ')
  return fromNowSeconds < 0 ? `${text} ago` : `in ${text}`
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

// The last cell of a row is as long as it likes.
const align = (rows: readonly Row[]): string => {
  const widthOf = (column: number): number =>
    Math.max(
      ...rows
        .filter((row) => column < row.length - 1)
        .map((row) => Math.min((row[column] as string).length, LIMIT_WIDTH)),
    )
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widthOf(i)) : cell))
      return `  ${cells.join('  ')}`
    })
    .join('\n')
}

const LIMIT_WIDTH = 32
