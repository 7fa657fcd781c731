import { AdminFailure, type AdminClient, type Json } from './admin-client.js'

// What answers may be anything that listens there: each answer is read as what a gateway would say.

export const noGateway = (): AdminFailure =>
  new AdminFailure('ADMIN_URL is no admin listener of a gateway')

/** @throws AdminFailure when it is no user */
export const userOf = (user: unknown): Json => {
  const fields = typeof user === 'object' && user !== null ? (user as Json) : {}
  if (typeof fields['user_id'] !== 'string') throw noGateway()
  return fields
}

/** Some users, and the cursor of those behind them; `undefined` at the end. */
export interface UsersPage {
  users: Json[]
  next: string | undefined
}

/** @throws AdminFailure when it is no page */
export const pageOf = ({ users, next = null }: Json): UsersPage => {
  if (!Array.isArray(users) || (next !== null && !isCursor(next))) throw noGateway()
  return { users: users.map(userOf), next: next ?? undefined }
}

const isCursor = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)

/** The pages of a list of users, from the cursor `after` or from the first. */
export async function* pagesOf(
  call: AdminClient,
  path: string,
  after?: string,
): AsyncGenerator<UsersPage> {
  let cursor = after
  do {
    const query = cursor === undefined ? '' : `&after=${encodeURIComponent(cursor)}`
    const page = pageOf(await call({ method: 'GET', path: `${path}?limit=${PAGE_USERS}${query}` }))
    // It could go on for ever.
    if (page.next !== undefined && (page.users.length === 0 || page.next === cursor))
      throw noGateway()
    yield page
    cursor = page.next
  } while (cursor !== undefined)
}

const PAGE_USERS = 1_000
