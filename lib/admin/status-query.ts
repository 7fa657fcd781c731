import type { FieldProblem } from '../http/respond.js'
import type { Parsed } from './user-requests.js'

/** How many seconds are kept. */
export const HISTORY = 300

/** Reads how many of the last seconds are asked for, all by default, and lists every faulty parameter. */
export const parseStatusQuery = (query: string): Parsed<number> => {
  const errors: FieldProblem[] = []
  let value = HISTORY
  const seen = new Set<string>()
  for (const [field, text] of new URLSearchParams(query)) {
    const refuse = (detail: string): void => void errors.push({ field, detail })
    if (seen.has(field)) refuse('comes twice')
    else if (field !== 'last') refuse('must be one of: last')
    else {
      value = Number(text)
      if (!/^\d{1,3}$/.test(text) || value < 1 || value > HISTORY) refuse(LAST_RULE)
    }
    seen.add(field)
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
}

const LAST_RULE = `must be a whole number from 1 to ${HISTORY}`
