// How figures read.

const NONE = '–'

/**
 * Three digits or so, and thousands set apart.
 * @param {number | null | undefined} value
 * @returns {string}
 */
export const figure = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const digits =
    Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/**
 * A rate: always with its fraction, so that it does not jump about.
 * @param {number | null | undefined} value
 * @returns {string}
 */
export const rate = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const digits = value >= 1000 ? 0 : 1
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/**
 * @param {number | null | undefined} ms
 * @returns {string}
 */
export const milliseconds = (ms) => {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NONE
  return ms >= 1000
    ? `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s`
    : `${ms.toFixed(ms >= 100 ? 0 : 1)} ms`
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export const mebibytes = (bytes) =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(2)} GiB` : `${(bytes / 2 ** 20).toFixed(0)} MiB`

/**
 * @param {number | null | undefined} share
 * @returns {string}
 */
export const percent = (share) =>
  share === null || share === undefined || !Number.isFinite(share)
    ? NONE
    : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`

/**
 * The time of day, in the zone of whoever looks.
 * @param {number} atMs
 * @returns {string}
 */
export const timeOfDay = (atMs) => new Date(atMs).toLocaleTimeString('en-GB')

/**
 * How long: the two largest units.
 * @param {number} seconds
 * @returns {string}
 */
export const duration = (seconds) => {
  const whole = Math.max(0, Math.round(seconds))
  const parts = /** @type {Array<[number, string]>} */ ([
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ])
  const first = parts.findIndex(([count]) => count > 0)
  if (first === -1) return '0 s'
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}
