import { readJson, type BodyLimits } from '../http/body.js'
import type { Exchange } from '../http/exchange.js'
import { sendJson, sendNoContent, sendProblem } from '../http/respond.js'
import type { Handler, Route } from '../http/router.js'
import type { Directory } from '../users/directory.js'
import type { User } from '../users/user-store.js'
import type { Guard } from './guard.js'
import {
  CURSOR_RULE,
  EXPORT_QUERY,
  LIST_QUERY,
  parseChanges,
  parseUsersQuery,
  type UsersQuery,
} from './user-requests.js'
import { createImport } from './users-import.js'

export interface UsersApiOptions {
  directory: Directory
  guard: Guard
  /** Of a change; a row to import is as long at most, and may take as long to come. */
  body: BodyLimits
}

/** The users, for operators: `/v1/users`, `/v1/users/{id}`, and `export` and `import` under it. */
export const createUsersApi = ({ directory, guard, body }: UsersApiOptions): Route[] => {
  const answerPage = async (
    exchange: Exchange,
    { after, limit }: UsersQuery,
    show: (user: User) => Record<string, unknown>,
  ): Promise<void> => {
    const page = await directory.list(after, limit)
    if (!page) return sendProblem(exchange, 'invalid_request', { errors: [NO_CURSOR] })
    sendJson(exchange, 200, { users: page.users.map(show), next: page.next ?? null })
  }

  const list: Handler = async (exchange) => {
    const query = parseUsersQuery(exchange.query, LIST_QUERY)
    if (!query.ok) return sendProblem(exchange, 'invalid_request', query)
    const { email } = query.value
    if (email === undefined) return answerPage(exchange, query.value, shown)
    const user = await directory.findByEmail(email)
    sendJson(exchange, 200, { users: user ? [shown(user)] : [], next: null })
  }

  const exportPage: Handler = async (exchange) => {
    const query = parseUsersQuery(exchange.query, EXPORT_QUERY)
    if (!query.ok) return sendProblem(exchange, 'invalid_request', query)
    await answerPage(exchange, query.value, exported)
  }

  const show: Handler = async (exchange) =>
    answerUser(exchange, await directory.findById(idOf(exchange)))

  const change: Handler = async (exchange) => {
    const json = await readJson(exchange, body)
    if (!json) return
    if (!json.ok) return sendProblem(exchange, json.code, json)
    const changes = parseChanges(json.fields)
    if (!changes.ok) return sendProblem(exchange, 'invalid_request', changes)
    answerUser(exchange, await directory.change(idOf(exchange), changes.value))
  }

  const remove: Handler = async (exchange) =>
    (await directory.remove(idOf(exchange)))
      ? sendNoContent(exchange)
      : sendProblem(exchange, 'unknown_user')

  const lines = { limitBytes: body.limitBytes, idleMs: body.timeoutMs }
  return [
    { pattern: USERS, methods: { GET: guard(list) } },
    { pattern: `${USERS}/export`, methods: { GET: guard(exportPage) } },
    { pattern: `${USERS}/import`, methods: { POST: guard(createImport(directory, lines)) } },
    {
      pattern: `${USERS}/*`,
      methods: { GET: guard(show), PATCH: guard(change), DELETE: guard(remove) },
    },
  ]
}

const USERS = '/v1/users'

const idOf = ({ path }: Exchange): string => path.slice(USERS.length + 1)

const answerUser = (exchange: Exchange, user: User | undefined): void =>
  user ? sendJson(exchange, 200, shown(user)) : sendProblem(exchange, 'unknown_user')

/** Each part by its name, so that nothing else is shown: above all not the hash. */
const shown = (user: User): Record<string, unknown> => ({
  user_id: user.id,
  email: user.email,
  subscription: user.subscription,
  country: user.country,
  platform: user.platform,
  disabled: user.isDisabled,
  created_at: user.createdAtSeconds,
})

/** A user whole, as a row to import has him. */
const exported = (user: User): Record<string, unknown> => ({
  ...shown(user),
  password_hash: user.passwordHash,
})

const NO_CURSOR = { field: 'after', detail: CURSOR_RULE }
