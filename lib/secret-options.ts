import * as z from 'zod'
import { kidOf, SECRET_MIN_BYTES } from './jwt/key-ring.js'
import { text } from './option-kinds.js'

// Secrets, alone and as a ring. No error repeats one.

const SECRET_RULE = `must have at least ${SECRET_MIN_BYTES} bytes`
const DATE_RULE = 'must be a date and time of RFC 3339, such as 2030-01-31T00:00:00Z'

/** A text, taken as UTF-8, or bytes. */
export const secret = z
  .union([z.string(), z.instanceof(Uint8Array)], { error: SECRET_RULE })
  .transform((value) =>
    typeof value === 'string' ? new TextEncoder().encode(value) : Uint8Array.from(value),
  )
  .refine((bytes) => bytes.byteLength >= SECRET_MIN_BYTES, { error: SECRET_RULE })

const FIELDS: ReadonlySet<string> = new Set(['kid', 'secret', 'notAfter'])

// Not a strict object, whose message would name what may be a secret in the wrong place.
const entry = z
  .looseObject(
    {
      kid: text('1 to 64 characters of A-Z, a-z, 0-9, . _ and -', /^[\w.-]{1,64}$/).optional(),
      secret,
      notAfter: z.iso.datetime({ offset: true, error: DATE_RULE }).optional(),
    },
    { error: 'must be a group of kid, secret and notAfter' },
  )
  .refine((fields) => Object.keys(fields).every((name) => FIELDS.has(name)), {
    error: 'must have no other field than kid, secret and notAfter',
  })

/** The first signs, every one verifies. */
export const ring = z
  .array(entry, { error: 'must be a list of { kid, secret, notAfter }' })
  .min(1, { error: 'must not be empty' })
  .superRefine((secrets, context) => {
    if (secrets[0]?.notAfter !== undefined)
      context.addIssue({ code: 'custom', path: [0, 'notAfter'], message: FIRST_RULE })
    const own = secrets.map(({ secret: bytes }) => kidOf(bytes))
    const kids = secrets.map(({ kid }, i) => kid ?? (own[i] as string))
    secrets.forEach((_, i) => {
      const isSecond = (names: readonly string[]): boolean => names.indexOf(names[i] as string) < i
      const tell = (field: string): void =>
        context.addIssue({ code: 'custom', path: [i, field], message: 'comes twice' })
      if (isSecond(own)) tell('secret')
      else if (isSecond(kids)) tell('kid')
    })
  })
  .meta({ kind: 'json' })

const FIRST_RULE = 'must not stand in the first, which signs'
