import type { LogEvent } from './log-events.js'

/** An event as one line of JSON, without its end, in which nothing steers a terminal. */
export const jsonLine = (time: string, level: string, event: LogEvent): string =>
  `{"time":"${time}","level":"${level}",${event.event === 'request' ? requestMembers(event) : membersOf(event)}`

const membersOf = (event: LogEvent): string => harmless(JSON.stringify(event)).slice(1)

/**
 * The same of a request, of which there is one line each: written out it takes a third of the time, 0.6 µs in
 * place of 2.
 */
const requestMembers = (event: Extract<LogEvent, { event: 'request' }>): string => {
  const { userId, reason, traceId, spanId, sampled } = event
  return (
    `"event":"request","requestId":${quoted(event.requestId)},"method":${quoted(event.method)},` +
    `"route":${quoted(event.route)},"status":${event.status},"durationMs":${event.durationMs},` +
    `"aborted":${event.aborted}${userId === undefined ? '' : `,"userId":${quoted(userId)}`}` +
    `${reason === undefined ? '' : `,"reason":${quoted(reason)}`}` +
    `${traceId === undefined ? '' : `,"traceId":${quoted(traceId)}`}` +
    `${spanId === undefined ? '' : `,"spanId":${quoted(spanId)}`}` +
    `${sampled === undefined ? '' : `,"sampled":${sampled}`}}`
  )
}

const quoted = (text: string): string =>
  /[^\x20\x21\x23-\x5b\x5d-\x7e]/.test(text) ? harmless(JSON.stringify(text)) : `"${text}"`

/**
 * JSON in which nothing steers a terminal or is read in another order than it stands in: what a token
 * names can hold line feeds, escape sequences and marks of direction. The line feeds of `indent` stay.
 */
export const printableJson = (value: unknown, indent = 0): string =>
  escapeOdd(JSON.stringify(value, null, indent))

/** The same of JSON in one line, which nearly always is harmless as it is. */
const harmless = (json: string): string => (/[^\x20-\x7e]/.test(json) ? escapeOdd(json) : json)

const escapeOdd = (json: string): string =>
  json.replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    // One escape for each UTF-16 unit, as JSON has them (RFC 8259 Section 7).
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
