/** How much is logged: each level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The place of each level among them. */
export const RANKS = Object.fromEntries(LOG_LEVELS.map((level, i) => [level, i])) as Readonly<
  Record<LogLevel, number>
>
