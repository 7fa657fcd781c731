// The users that there are, and the tokens with which they come. A session is lent to whoever sends
// something with it, so that none ends while somebody still counts on it.
import { once, EventEmitter } from 'node:events'

/** A session is lent as long as its token is good for this long. */
const LEAST_LEFT_MS = 30_000
/** So many are never taken out. */
const LEAST = 20
const LIMIT_REVOKED = 100

export const createSessions = () => {
  const sessions = new Set()
  const users = []
  const revoked = []
  const returned = new EventEmitter().setMaxListeners(0)

  const any = (list) => list[Math.floor(Math.random() * list.length)]
  const isLasting = ({ expMs }) => expMs - Date.now() > LEAST_LEFT_MS

  const choose = () => {
    for (const session of sessions) if (!isLasting(session)) sessions.delete(session)
    return any([...sessions])
  }

  const take = async (session) => {
    sessions.delete(session)
    while (session.lent > 0) await once(returned, 'session')
    return session
  }

  return {
    users,
    size: () => sessions.size,
    /** Whoever was acknowledged logs in from now on. */
    admit: (user) => void users.push(user),
    anyUser: () => any(users),
    add: (session) => void sessions.add(session),
    /** Lends one for as long as `work` takes. */
    lend: async (work) => {
      const session = choose()
      if (!session) throw new Error('there is no session left')
      session.lent++
      try {
        return await work(session)
      } finally {
        session.lent--
        returned.emit('session')
      }
    },
    /** Takes one out for good, once nobody has it; `undefined` where there are few. */
    takeAny: async () => {
      const session = sessions.size > LEAST ? choose() : undefined
      return session && take(session)
    },
    /** From now on its token must be refused. */
    revoke: ({ token, expMs }) => {
      revoked.push({ token, expMs })
      if (revoked.length > LIMIT_REVOKED) revoked.shift()
    },
    anyRevoked: () => any(revoked)?.token,
  }
}

/** A session out of an answer that holds a token. */
export const sessionOf = (user, token) => {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
  const segment = Buffer.from(`free:${user.country}:${user.platform}`).toString('base64')
  return { user, token, segment, expMs: exp * 1_000, lent: 0 }
}

export const bearer = (token) => ({ Authorization: `Bearer ${token}` })
