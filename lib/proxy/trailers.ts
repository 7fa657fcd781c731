import { pushEndToEnd, valuesOf, type RawHeaders } from '../http/headers.js'
import { isReserved } from './reserved-names.js'

/**
 * The trailer fields that may travel to the next hop, as `addTrailers` takes them. Without what must
 * not stand in a trailer (RFC 9110 Section 6.5.1): a recipient may merge it into the header section,
 * where it would frame, route, identify or authorise.
 */
export const passableTrailers = (rawTrailers: RawHeaders): ReadonlyArray<[string, string]> => {
  if (rawTrailers.length === 0) return NONE
  const passed: string[] = []
  pushEndToEnd(passed, rawTrailers, isBarred)
  return Array.from({ length: passed.length / 2 }, (_, i) => [
    passed[2 * i] as string,
    passed[2 * i + 1] as string,
  ])
}

/** Appends to `out` the `Trailer` field, as far as it announces what may travel. */
export const pushAnnounced = (out: string[], raw: RawHeaders): void => {
  const announced = valuesOf(raw, 'trailer')
  if (announced.length === 0) return
  const names = announced.flatMap((value) => value.split(',').map((name) => name.trim()))
  const passed = passableTrailers(names.flatMap((name) => [name, '']))
  if (passed.length > 0) out.push('Trailer', passed.map(([name]) => name).join(', '))
}

const NONE: ReadonlyArray<[string, string]> = []

const BARRED: ReadonlySet<string> = new Set(
  `age authorization cache-control content-encoding content-length content-range content-type cookie
  date expect expires forwarded host idempotency-key if-match if-modified-since if-none-match if-range
  if-unmodified-since location max-forwards origin pragma range referer retry-after set-cookie
  traceparent tracestate vary via www-authenticate x-real-ip x-request-id`.split(/\s+/),
)

const isBarred = (canonical: string): boolean =>
  canonical === '' ||
  isReserved(canonical) ||
  BARRED.has(canonical) ||
  canonical.startsWith('x-forwarded-')
