/** The parts of a segment key: few values each, nothing that names a person. */
export interface Segment {
  subscription: string
  country: string
  platform: string
}

/**
 * The value of `X-Proxy-State`: standard base64 of `subscription:country:platform`, with `%` and `:`
 * inside a part percent-encoded (RFC 3986 Section 2.1), so that three parts always split into three.
 */
export const encodeSegment = ({ subscription, country, platform }: Segment): string =>
  Buffer.from(
    `${escapePart(subscription)}:${escapePart(country)}:${escapePart(platform)}`,
    'utf8',
  ).toString('base64')

const escapePart = (part: string): string =>
  /[%:]/.test(part) ? part.replaceAll('%', '%25').replaceAll(':', '%3A') : part

/** The segment of callers without a token. */
export const ANONYMOUS_SEGMENT = encodeSegment({
  subscription: 'anonymous',
  country: 'ZZ',
  platform: 'unknown',
})
