import * as z from 'zod'

// What options are made of. Each error says what would be right and never repeats a value.

export const passes = (check: (value: string) => unknown) => (value: string) => {
  try {
    check(value)
    return true
  } catch {
    return false
  }
}

const rule = (least: number, most: number): string =>
  `must be a whole number from ${least} to ${most}`

export const integer = (least: number, most: number, fallback: number, description: string) =>
  z
    .number({ error: rule(least, most) })
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, {
      error: rule(least, most),
    })
    .default(fallback)
    .describe(description)

/** The longest that a timer of node waits, in milliseconds. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

export const milliseconds = (fallback: number, description: string) =>
  integer(1, LONGEST_TIMER_MS, fallback, description)

export const count = (fallback: number, description: string) =>
  integer(1, Number.MAX_SAFE_INTEGER, fallback, description)

const SHARE_RULE = 'must be a number from 0 to 1'

export const share = (fallback: number, description: string) =>
  z
    .number({ error: SHARE_RULE })
    .min(0, { error: SHARE_RULE })
    .max(1, { error: SHARE_RULE })
    .default(fallback)
    .meta({ description, kind: 'number' })

/** One of those, without its default. */
export const optional = <T extends z.ZodType>(kind: z.ZodDefault<T>, description: string) =>
  kind.removeDefault().optional().describe(description)

export const text = (rule: string, pattern: RegExp) =>
  z.string({ error: `must be ${rule}` }).regex(pattern, { error: `must be ${rule}` })

export const list = <T extends z.ZodType>(entry: T) => z.array(entry, { error: 'must be a list' })

// Each option in a group has a default or is optional: a group that is not given is one without any.
export const group = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, { error: 'must be a group of options' }).prefault({} as never)

type Given<T> = { [K in keyof T]?: T[K] extends z.ZodType ? z.output<T[K]> : never }

/** A group whose options have no defaults: what is not given, and what is undefined, is absent. */
export const partial = <T extends z.ZodRawShape>(shape: T) => {
  const options = Object.entries(shape).map(([name, kind]) => [
    name,
    z.optional(kind instanceof z.ZodDefault ? kind.removeDefault() : kind),
  ])
  return group(Object.fromEntries(options) as z.ZodRawShape).transform(
    (given) =>
      Object.fromEntries(
        Object.entries(given).filter(([, value]) => value !== undefined),
      ) as Given<T>,
  )
}
