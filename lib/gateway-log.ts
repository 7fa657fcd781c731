import { ConfigError } from './config-error.js'
import type { Log } from './log.js'
import { sampleSuccesses } from './log-sample.js'
import { isLogger, logTo, type Logger } from './logger.js'

/** Where a program has events logged: one of these. Default: nowhere. */
export interface LogParts {
  /** Receives every event; must not throw. */
  log?: Log
  /** A logger as pino's, which must not throw either. It gets all events: what counts is its own level. */
  logger?: Logger
}

/**
 * Where the events of a gateway are logged, if anywhere.
 * @throws ConfigError where there are two such places, or one is no logger
 */
export const createGatewayLog = ({ log, logger }: LogParts, successShare: number): Log => {
  if (!logger) return log ? sampleSuccesses(log, successShare) : () => {}
  const refuse = (detail: string): never => {
    throw new ConfigError([{ option: 'logger', detail }])
  }
  if (log) return refuse('must not be given beside log')
  if (!isLogger(logger)) return refuse('must have the methods debug, info, warn and error')
  return sampleSuccesses(logTo(logger), successShare)
}
