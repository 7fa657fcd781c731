/**
 * What services could read a path as: decoded, even twice; without `;parameters`, before or behind that;
 * cut at a `?` or `#` that was encoded, or not; with slashes for backslashes; without dots and spaces at the
 * end of segments. Each is in lower case and without empty segments; it is empty where dot segments were
 * hidden in it. One that is empty alone where there are so many that nobody means well.
 */
export const readingsOf = (path: string): readonly string[] => {
  if (!isFoldable(path)) return [path]
  const seen = new Set([path])
  // What is added on the way is visited too.
  for (const text of seen) {
    for (const read of STEPS) seen.add(read(text))
    if (seen.size > LIMIT_READINGS) return UNREADABLE
  }
  return [...new Set(Array.from(seen, normalise))]
}

/** Whether there may be another reading of a path than the path itself. */
export const isFoldable = (path: string): boolean => /[%;A-Z]|\/\/|[. ](?:\/|$)/.test(path)

const LIMIT_READINGS = 32
const UNREADABLE = ['']

const DOTS = /^\.{1,2}\s*$/
const TAIL: ReadonlySet<string> = new Set(['.', ' ', '\t'])

const decodeByte = (_: string, code: string): string => String.fromCharCode(parseInt(code, 16))

// Not by a regular expression, which would look at a long tail once for each of its characters.
const withoutTail = (segment: string): string => {
  let end = segment.length
  while (end > 0 && TAIL.has(segment[end - 1] as string)) end--
  return segment.slice(0, end)
}

const withoutTails = (text: string): string => text.split('/').map(withoutTail).join('/')

const STEPS: ReadonlyArray<(text: string) => string> = [
  (text) => text.replace(/%([0-9a-f]{2})/gi, decodeByte),
  (text) => text.replace(/;[^/]*/g, ''),
  (text) => text.replace(/[?#][^]*/, ''),
  (text) => text.replaceAll('\\', '/'),
  withoutTails,
]

// Plain dot segments are refused before: these were hidden.
const normalise = (text: string): string =>
  text.split('/').some((segment) => DOTS.test(segment))
    ? ''
    : withoutTails(text)
        .replace(/\/{2,}/g, '/')
        .toLowerCase()
