import type { IncomingMessage } from 'node:http'
import { valuesOf } from './headers.js'

/** How the body of a message is delimited (RFC 9112 Section 6), as the sender declared it. */
export type Framing = { kind: 'none' } | { kind: 'length'; bytes: number } | { kind: 'chunked' }

export type FramingProblem = 'invalid_framing' | 'unknown_transfer_coding'

/**
 * Reads the framing of a request from the fields it came with, before anything is stripped.
 * Refuses what two servers could read in two ways.
 */
export const parseFraming = (request: IncomingMessage): Framing | FramingProblem => {
  const codings = valuesOf(request.rawHeaders, 'transfer-encoding')
  const lengths = valuesOf(request.rawHeaders, 'content-length')
  if (codings.length > 0) {
    if (lengths.length > 0 || codings.length > 1) return 'invalid_framing'
    // A 1.0 peer may not understand chunked and may have framed it otherwise (RFC 9112 Section 6.1).
    if (request.httpVersionMinor === 0) return 'invalid_framing'
    return codings[0]?.toLowerCase() === 'chunked' ? { kind: 'chunked' } : 'unknown_transfer_coding'
  }
  const [length] = lengths
  if (length === undefined) return { kind: 'none' }
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) return 'invalid_framing'
  return Number(length) === 0 ? { kind: 'none' } : { kind: 'length', bytes: Number(length) }
}
