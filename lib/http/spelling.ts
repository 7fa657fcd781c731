/**
 * A path as the most careless of services could read it: decoded, even twice; without letter case,
 * empty segments, `;parameters`, and dots and spaces at the end of a segment. Empty where it is encoded
 * so often that nobody means well, and where dot segments were hidden in it.
 */
export const fold = (path: string): string => {
  let decoded = path
  for (let round = 0; round < ROUNDS; round++) {
    const next = decoded.replace(/%([0-9a-f]{2})/gi, decodeByte)
    if (next === decoded) return foldSegments(decoded)
    decoded = next
  }
  return ''
}

const ROUNDS = 5

const decodeByte = (_: string, code: string): string => String.fromCharCode(parseInt(code, 16))

const foldSegments = (path: string): string => {
  const [decoded = ''] = path.replaceAll('\\', '/').split(/[?#]/)
  const segments = decoded.replace(/;[^/]*/g, '').split('/')
  // Plain dot segments are refused before: these were hidden.
  if (segments.some((segment) => DOTS.test(segment))) return ''
  return segments
    .map(withoutTail)
    .join('/')
    .replace(/\/{2,}/g, '/')
    .toLowerCase()
}

const DOTS = /^\.{1,2}\s*$/

const withoutTail = (segment: string): string => {
  let end = segment.length
  while (end > 0 && TAIL.has(segment[end - 1] as string)) end--
  return segment.slice(0, end)
}

const TAIL: ReadonlySet<string> = new Set(['.', ' ', '\t'])

/** Whether `fold` may change a path. */
export const isFoldable = (path: string): boolean => /[%;A-Z]|\/\/|[. ](?:\/|$)/.test(path)
