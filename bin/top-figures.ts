/** Three figures of a number at most, and a letter where it is large: `12.5`, `3.4k`, `12M`. */
export const amount = (value: number): string => {
  let rest = value
  for (const letter of ['', 'k', 'M', 'G', 'T']) {
    if (rest < 999.5) return `${short(rest)}${letter}`
    rest /= 1_000
  }
  return '>999T'
}

export const perSecond = (value: number): string => `${amount(value)}/s`

/** `-` where there is nothing to be said. */
export const duration = (ms: number | null): string => {
  if (ms === null) return '-'
  return ms < 999.5 ? `${short(ms)} ms` : `${amount(ms / 1_000)} s`
}

export const bytes = (value: number): string => `${amount(value).replace(/(?=[kMGT]?$)/, ' ')}B`

export const percent = (share: number): string => `${amount(share * 100)} %`

/** `1d 02:03:04`. */
export const timeSpan = (seconds: number): string => {
  const days = Math.floor(seconds / DAY_SECONDS)
  const rest = timeOfDay((seconds % DAY_SECONDS) * 1_000)
  return days > 0 ? `${amount(days)}d ${rest}` : rest
}

/** The time of day, in UTC as logs have it. */
export const timeOfDay = (ms: number): string =>
  ms <= LAST_DATE_MS ? new Date(ms).toISOString().slice(11, 19) : '?'

/** A bar for each value, the highest for the greatest; a blank for what is not known. */
export const sparkline = (values: ReadonlyArray<number | null>): string => {
  const most = Math.max(...values.map((value) => value ?? 0))
  return values
    .map((value) =>
      value === null ? ' ' : BARS[most > 0 ? Math.ceil((value / most) * (BARS.length - 1)) : 0],
    )
    .join('')
}

/** In so many characters at most. */
export const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text

const BARS = '▁▂▃▄▅▆▇█'
const DAY_SECONDS = 86_400
const LAST_DATE_MS = 253_402_300_799_999 // of years with four digits

const short = (value: number): string => {
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  return String(Number(value.toFixed(digits)))
}
