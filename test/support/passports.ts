import { readPassport, type Passport, type PassportHeaders } from '../../lib/passport/index.js'
import { START_SECONDS } from './manual-clock.js'

/** The passport that a service received, made about when a manual clock begins. */
export const passportIn = (headers: PassportHeaders | undefined): Passport | undefined => {
  const reading = readPassport(headers ?? {}, {
    unsigned: 'accept',
    anonymous: 'accept',
    now: () => START_SECONDS * 1000,
  })
  return reading.ok ? reading.passport : undefined
}
