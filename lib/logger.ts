import { EVENTS } from './log-events.js'
import type { Log } from './log.js'

/** A logger as pino's: it takes what is logged, and a message. */
export interface Logger {
  debug: (fields: object, message: string) => void
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

const METHODS = ['debug', 'info', 'warn', 'error'] as const

/** Whether it has every method that is called. */
export const isLogger = (logger: Partial<Logger>): boolean =>
  METHODS.every((method) => typeof logger[method] === 'function')

/** Hands each event to the method of its level, with its name as the message. */
export const logTo =
  (logger: Logger): Log =>
  (event) =>
    logger[EVENTS[event.event].level](event, event.event)
