import { StoreError } from './engine.js'
import {
  sqlState,
  type PostgresClient,
  type PostgresRow,
  type PostgresRunner,
} from './postgres-runner.js'
import { untrusted } from './untrusted.js'

/** Does `work` with a connection; rejects with `StoreError`, whatever happens. */
export const attemptOpen = async <T>(
  { attempt }: PostgresRunner,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> => {
  const outcome = await attempt(work).catch((error: unknown) => ({ ok: false, error }) as const)
  if (outcome.ok) return outcome.value
  throw toStoreError(outcome.error)
}

/** Rejects where the server or the database cannot do what every verb relies on. */
export const refuseUnfit = async (client: PostgresClient): Promise<void> => {
  const { rows } = await client.query(
    `select current_setting('server_encoding') as encoding,
      current_setting('transaction_read_only') as is_read_only,
      current_setting('transaction_isolation') as isolation`,
  )
  const { encoding, is_read_only: isReadOnly, isolation } = rows[0] as PostgresRow // it selects from nothing
  if (encoding !== 'UTF8') throw new StoreError(NOT_UTF8, FINAL)
  if (isolation !== 'read committed') throw new StoreError(ISOLATED, FINAL)
  // As a standby is, which may be promoted.
  if (isReadOnly !== 'off') throw new StoreError(READ_ONLY, PASSING)
}

/** Rejects where the user may not do in the schema what the verbs do. */
export const refuseForbidden = async (client: PostgresClient): Promise<void> => {
  const { rows } = await client.query(
    `select bool_and(has_table_privilege('passport_gateway.' || one, privilege)) as may
    from unnest($1::text[]) as one, unnest($2::text[]) as privilege`,
    [TABLES, PRIVILEGES],
  )
  if (rows[0]?.['may'] !== true) throw new StoreError(NOT_PERMITTED, FINAL)
}

const toStoreError = (error: unknown): StoreError => {
  if (error instanceof StoreError) return error
  const mistrust = untrusted(error, 'postgres')
  if (mistrust) return mistrust
  const code = sqlState(error) ?? ''
  const [message, passing] = says(error, code) ?? REFUSALS[code] ?? [UNREACHABLE, PASSING]
  return new StoreError(message, passing)
}

/** What no code tells, but the driver or a pooler in words. */
const says = (error: unknown, code: string): Refusal | undefined => {
  const text = String(error)
  // By the driver itself, when it is asked for a password and has none.
  if (/: SASL.* password must be /.test(text)) return [WRONG_PASSWORD, FINAL]
  // PgBouncer has one code for whatever it refuses; this does not pass.
  return code === POOLER && /startup parameter/.test(text) ? [BAD_PARAMETER, FINAL] : undefined
}

const FINAL = { isPassing: false }
const PASSING = { isPassing: true }

const UNREACHABLE = 'postgres cannot be reached'
const WRONG_PASSWORD = 'postgres refuses the user or the password'
const NOT_PERMITTED = 'postgres does not permit its user what the gateway needs'
const NOT_UTF8 = 'the database of postgres does not have the encoding UTF8'
const ISOLATED =
  'transactions in postgres are not "read committed" by default, as they must be here'
const READ_ONLY = 'postgres is read-only'
const BAD_PARAMETER =
  'a pooler before postgres refuses a parameter of the connection, as PGOPTIONS sets them'
const POOLER = '08P01'

type Refusal = [message: string, passing: { isPassing: boolean }]

/** By SQLSTATE. */
const REFUSALS: Record<string, Refusal> = {
  [POOLER]: ['a pooler before postgres refuses the connection; its log says why', PASSING],
  '28P01': [WRONG_PASSWORD, FINAL],
  '28000': [WRONG_PASSWORD, FINAL],
  '3D000': ['the database is not there in postgres', FINAL],
  '42501': [NOT_PERMITTED, FINAL],
  '53100': ['postgres has no room on its disk', PASSING],
  '53300': ['postgres takes no more connections', PASSING],
}

const TABLES = ['users', 'idempotency', 'revocation_counter', 'revocations', 'throttle']
const PRIVILEGES = ['select', 'insert', 'update', 'delete']
