// A figure against its target: `{ what, target, text, value, isMet }`.
import { summary } from './figures.mjs'

/** The median of these must be `limit` at most. */
export const atMost = (what, numbers, limit, { digits = 2, unit = '' } = {}) => {
  const { median, text } = summary(numbers, digits)
  const isMet = median <= limit
  return { what, target: `≤ ${limit}${unit}`, text: `${text}${unit}`, value: median, isMet }
}

/** The same from below. */
export const atLeast = (what, numbers, limit, { digits = 2, unit = '' } = {}) => {
  const { median, text } = summary(numbers, digits)
  const isMet = median >= limit
  return { what, target: `≥ ${limit}${unit}`, text: `${text}${unit}`, value: median, isMet }
}

/** Only shown. */
export const shown = (what, numbers, { digits = 2, unit = '' } = {}) => {
  const { median, text } = summary(numbers, digits)
  return { what, target: '', text: `${text}${unit}`, value: median, isMet: undefined }
}
