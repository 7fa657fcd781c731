import { valuesOf, type RawHeaders } from '../http/headers.js'

/** Where in which trace a request comes from (W3C Trace Context, Level 2). */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all of them 0. */
  traceId: string
  /** 16 of them: whoever sent the request. */
  parentId: string
  flags: number
  /** The value of `tracestate`; empty where there is none. */
  state: string
}

/** What the fields of a request say; `undefined` where they are missing, or not as they must be. */
export const readTraceContext = (raw: RawHeaders): TraceContext | undefined => {
  const [traceparent, ...others] = valuesOf(raw, 'traceparent')
  const parent = others.length === 0 ? parseTraceparent(traceparent) : undefined
  return parent && { ...parent, state: parseTracestate(valuesOf(raw, 'tracestate')) }
}

/** Appends the fields that continue a trace below `spanId`. The specification wants lower case. */
export const pushTraceContext = (
  out: string[],
  traceId: string,
  spanId: string,
  flags: number,
  state: string | undefined,
): void => {
  out.push('traceparent', `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`)
  if (state) out.push('tracestate', state)
}

/** The bit of `flags` that says that the sender may have recorded the request. */
export const SAMPLED = 1

// Sampled, and random-trace-id; all others must be zero (Section 3.2.2.5).
const KNOWN_FLAGS = 3

// No version ff, no id of zeros; of a later version more may follow, behind a dash (Section 3.2.4).
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/
const TRACEPARENT_CHARS = 55

export const parseTraceparent = (value = ''): Omit<TraceContext, 'state'> | undefined => {
  const [, version, traceId, parentId, flags] = TRACEPARENT.exec(value) ?? []
  if (version === undefined || (version === '00' && value.length > TRACEPARENT_CHARS))
    return undefined
  // What matched has all four.
  return {
    traceId: traceId as string,
    parentId: parentId as string,
    flags: parseInt(flags as string, 16) & KNOWN_FLAGS,
  }
}

const MOST_MEMBERS = 32
const MOST_CHARS = 512
const LONG_CHARS = 128

// Section 3.3.1.3; a value does not end with a blank.
const MEMBER =
  /^[a-z\d][a-z\d_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * The value of `tracestate` as it is passed on, in at most 512 characters: what is beyond loses its long
 * members first, and then the last ones. Empty where a member is not well-formed, or there are too many.
 */
export const parseTracestate = (values: readonly string[]): string => {
  const members = values
    .flatMap((value) => value.split(','))
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '')
  if (members.length > MOST_MEMBERS || !members.every((member) => MEMBER.test(member))) return ''
  while (members.join().length > MOST_CHARS)
    // Where none is long this is -1, which is the last one.
    members.splice(
      members.findLastIndex(({ length }) => length > LONG_CHARS),
      1,
    )
  return members.join()
}
