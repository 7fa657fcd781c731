import { GatewayError } from '../errors.js'
import type { Calls } from './calls.js'
import { StoreError, type Engine } from './engine.js'
import { askedVerbs, askingInTime, verbsOf, type Verb } from './verbs.js'

export interface AskedEngineOptions {
  /** To another process. */
  calls: Pick<Calls, 'make'>
  /** Takes who is to be told of news in that one. */
  listen: (onNews: () => void) => void
  /** After how long a verb fails, in milliseconds. */
  timeoutMs: number
}

/** The engine of another process, which answers with `engineVerbs`: the memory of whom all ask. */
export const createAskedEngine = ({ calls, listen, timeoutMs }: AskedEngineOptions): Engine => {
  let isClosed = false
  const request = async (verb: string, args: unknown[]): Promise<unknown> => {
    if (isClosed) throw new GatewayError('store_unavailable')
    return calls.make(verb, args, Date.now() + timeoutMs)
  }
  const call = askingInTime(timeoutMs, request)
  const verbs = askedVerbs(call)
  return {
    ...verbs,
    name: 'memory',
    revocations: { ...verbs.revocations, reserve: call('revocations.reserve'), listen },
    open: async () => {
      isClosed = false
      await verbs.ping().catch(() => {
        throw new StoreError('the primary process does not answer in time', { isPassing: true })
      })
    },
    pending: async () => '',
    close: async () => {
      isClosed = true
    },
  }
}

/** What the process that has the engine answers with. */
export const engineVerbs = (engine: Engine): Map<string, Verb> => {
  const { users, idempotency, revocations, throttle } = engine
  return verbsOf({ users, idempotency, revocations, throttle }).set('ping', () => engine.ping())
}
