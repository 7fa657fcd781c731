import { GatewayError, type ErrorCode } from '../errors.js'
import type { Answer, Call } from './calls.js'
import { SQLITE, sqliteCode, type SqliteHandle } from './sqlite-handle.js'
import { createSqliteIdempotency } from './sqlite-idempotency.js'
import { createSqliteRevocations } from './sqlite-revocations.js'
import { createSqliteThrottle } from './sqlite-throttle.js'
import { createSqliteUsers } from './sqlite-users.js'
import { verbsOf, type Verb } from './verbs.js'

const READS = ['ping', 'users.findByEmail', 'users.findById', 'users.list', 'revocations.issueMs']
const READING = new Set([...READS, 'revocations.read'])
const ADDING = new Set([
  'users.insert',
  'idempotency.claim',
  'revocations.addToken',
  'revocations.raiseUser',
  'throttle.count',
])

export interface SqliteBatchOptions {
  nowMs: () => number
  /** Which file it is: positions in another one are not of this. */
  fileId: string
  /** Called with each error on the way. */
  onError: (error: unknown) => void
}

/**
 * Builds what runs requests that wait: those that only read first, then all others in one
 * transaction, each in a savepoint of its own. It returns what is true once they are committed.
 */
export const createSqliteBatch = (handle: SqliteHandle, options: SqliteBatchOptions) => {
  const { onError } = options
  const verbs = sqliteVerbs(handle, options)
  const codeFor = (verb: string, error: unknown): ErrorCode => {
    onError(error)
    return ADDING.has(verb) && sqliteCode(error) === SQLITE.full
      ? 'overloaded'
      : 'store_unavailable'
  }
  const run = ({ verb, args }: Call): unknown => {
    const known = verbs.get(verb)
    if (!known) throw new GatewayError('store_unavailable')
    return known(...args)
  }

  const alone = (request: Call): Answer => {
    try {
      return { id: request.id, value: run(request) }
    } catch (error) {
      return { id: request.id, code: codeFor(request.verb, error) }
    }
  }

  const inSavepoint = (request: Call): Answer => {
    handle.exec('savepoint request')
    try {
      const value = run(request)
      handle.exec('release request')
      return { id: request.id, value }
    } catch (error) {
      try {
        handle.exec('rollback to request; release request')
      } catch {
        // SQLite gave up the whole transaction, and with it all that is in it.
        throw error
      }
      return { id: request.id, code: codeFor(request.verb, error) }
    }
  }

  const together = (requests: Call[]): Answer[] => {
    try {
      handle.exec('begin immediate')
      const answers = requests.map(inSavepoint)
      handle.exec('commit')
      return answers
    } catch (error) {
      abandon(handle)
      return requests.map(({ id, verb }) => ({ id, code: codeFor(verb, error) }))
    }
  }

  return (requests: Call[]): Answer[] => {
    const wanted = requests.filter(({ untilMs }) => untilMs > Date.now())
    const late = requests.filter((request) => !wanted.includes(request))
    const writing = wanted.filter(({ verb }) => !READING.has(verb))
    return [
      ...late.map(({ id }) => ({ id, code: 'store_unavailable' as const })),
      ...wanted.filter(({ verb }) => READING.has(verb)).map(alone),
      ...(writing.length > 0 ? together(writing) : []),
    ]
  }
}

const sqliteVerbs = (
  handle: SqliteHandle,
  { nowMs, fileId }: SqliteBatchOptions,
): Map<string, Verb> =>
  verbsOf({
    users: createSqliteUsers(handle),
    idempotency: createSqliteIdempotency(handle, nowMs),
    revocations: createSqliteRevocations(handle, nowMs, fileId),
    throttle: createSqliteThrottle(handle, nowMs),
  }).set('ping', () => void handle.get('select count(*) from revocation_counter'))

const abandon = (handle: SqliteHandle): void => {
  try {
    handle.exec('rollback')
  } catch {
    // There is no transaction: it never began, or SQLite has given it up.
  }
}
