import { isPlain, parseFields } from '../http/body.js'
import type { Exchange } from '../http/exchange.js'
import { readLines, type LinesLimits } from '../http/lines.js'
import { sendJson, sendProblem } from '../http/respond.js'
import type { Handler } from '../http/router.js'
import type { Directory } from '../users/directory.js'
import type { ImportRow } from '../users/importer.js'

/**
 * `POST /v1/users/import`: users as NDJSON, one JSON object a line, of any number; 200 with how many
 * were imported, how many were there already, and what is wrong with each other. What came before it broke off stays.
 */
export const createImport =
  (directory: Pick<Directory, 'importUsers'>, limits: LinesLimits): Handler =>
  async (exchange) => {
    if (!isPlain(exchange.request.rawHeaders, 'application/x-ndjson'))
      return sendProblem(exchange, 'unsupported_media_type')
    const report = await directory.importUsers(readRows(exchange, limits))
    sendJson(exchange, 200, report)
  }

async function* readRows(exchange: Exchange, limits: LinesLimits): AsyncGenerator<ImportRow> {
  for await (const { number, bytes } of readLines(exchange, limits)) {
    if (bytes === undefined)
      yield { line: number, problem: `must have at most ${limits.limitBytes} bytes` }
    else if (!isBlank(bytes)) yield rowOf(number, bytes)
  }
}

const rowOf = (line: number, bytes: Buffer): ImportRow => {
  const fields = parseFields(bytes)
  return fields ? { line, fields } : { line, problem: 'must be a JSON object in UTF-8' }
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => WHITESPACE.has(byte))

// Of JSON (RFC 8259 Section 2), without the line feed.
const WHITESPACE: ReadonlySet<number> = new Set([0x09, 0x0d, 0x20])
