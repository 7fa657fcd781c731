// Users who sign up, log in, change and log out; what was acknowledged is written down.
import { randomUUID } from 'node:crypto'
import { INVALID, must, mustBeRefused } from './expect.mjs'
import { bearer, sessionOf } from './sessions.mjs'
import { Broken } from './wire.mjs'

const COUNTRIES = ['IN', 'DE', 'BR', 'US']
const PLATFORMS = ['android', 'ios', 'web']
/** For how long a signup is replayed: less than the gateway gives its answer again. */
const REPLAYED_MS = 50_000
const LIMIT_REPLAYS = 50

export const createAccounts = ({ client, wire, sessions, domain }) => {
  const acknowledged = []
  /** Who went away from his signup: he may be there, or not. */
  const doubtful = new Set()
  const replays = []

  const call = async (kind, status, ...rest) => {
    const answer = await client.call(kind, ...rest)
    if (answer.status === 0) throw new Broken(answer.code)
    must(answer.status === status, `${answer.status} ${answer.text?.slice(0, 200)}`)
    return answer
  }

  const invent = () => {
    const name = randomUUID()
    const at = acknowledged.length
    const [country, platform] = [COUNTRIES[at % 4], PLATFORMS[at % 3]]
    return { email: `${name}@${domain}`, password: `of ${name}`, key: name, country, platform }
  }
  const bodyOf = ({ email, password, country, platform }) => ({
    email,
    password,
    country,
    platform,
  })
  const post = (kind, status, path, more) => call(kind, status, 'POST', `/v1/auth/${path}`, more)

  /** A user who is there from now on, and a session of him. */
  const signUp = async (user = invent()) => {
    const { key } = user
    const { json, text } = await post('signup', 201, 'signup', { key, body: bodyOf(user) })
    user.id = json.user_id
    acknowledged.push(user)
    replays.push({ user, text, untilMs: Date.now() + REPLAYED_MS })
    if (replays.length > LIMIT_REPLAYS) replays.shift()
    return sessionOf(user, json.token)
  }
  const admit = (session) => {
    sessions.admit(session.user)
    sessions.add(session)
  }
  const logIn = async (user) => {
    const body = { email: user.email, password: user.password }
    const { json } = await post('login', 200, 'login', { body })
    must(json.user_id === user.id, 'logged in as another')
    return sessionOf(user, json.token)
  }
  const logOut = async (session) => {
    await post('logout', 204, 'logout', { token: session.token })
    sessions.revoke(session)
  }
  const tryToken = (token, id) =>
    wire.send({ path: `/v1/proxy/never/${id}`, headers: bearer(token) })
  const mustBeDead = async ({ token }, id) => mustBeRefused(await tryToken(token, id), INVALID)

  return {
    acknowledged,
    doubtful,
    logIn,
    logOut,
    tryToken,
    /** Each costs a hash of a password or more. */
    hashed: {
      signup: async () => admit(await signUp()),
      'two signups with one key': async () => {
        const user = invent()
        const twice = [1, 2].map(() =>
          post('signup', 201, 'signup', { key: user.key, body: bodyOf(user) }),
        )
        const [{ json, text, headers }, second] = await Promise.all(twice)
        must(text === second.text, 'two answers')
        const marks = [headers, second.headers].map((one) => one['idempotent-replayed'])
        must(marks.filter(Boolean).length === 1, `replayed: ${marks.join()}`)
        user.id = json.user_id
        acknowledged.push(user)
        admit(sessionOf(user, json.token))
      },
      'signup of somebody who is there': async () => {
        const user = { ...sessions.anyUser(), key: randomUUID() }
        await post('signup', 409, 'signup', { key: user.key, body: bodyOf(user) })
      },
      'signup, left': async () => {
        const user = invent()
        doubtful.add(user.email)
        const body = JSON.stringify(bodyOf(user))
        const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
        await wire.leaveUpload(
          { method: 'POST', path: '/v1/auth/signup', headers },
          [Buffer.from(body)].values(),
        )
      },
      login: async () => sessions.add(await logIn(sessions.anyUser())),
      'login with another password': async () => {
        const { email } = sessions.anyUser()
        await post('login', 401, 'login', { body: { email, password: 'another one' } })
      },
      'change of password': async (id) => {
        const session = await signUp()
        const { user, token } = session
        const body = { current_password: user.password, new_password: `new ${user.password}` }
        const { json } = await post('password', 200, 'password', { token, body })
        user.password = body.new_password
        await mustBeDead(session, id)
        sessions.revoke(session)
        admit(sessionOf(user, json.token))
      },
      'logout of all': async (id) => {
        const first = await signUp()
        const second = await logIn(first.user)
        await post('logout', 204, 'logout-all', { token: second.token })
        for (const session of [first, second]) {
          await mustBeDead(session, id)
          sessions.revoke(session)
        }
        sessions.admit(first.user)
      },
    },
    cheap: {
      'replay of a signup': async () => {
        while (replays[0]?.untilMs < Date.now()) replays.shift()
        const replay = replays[Math.floor(Math.random() * replays.length)]
        if (!replay) return
        const { user, text } = replay
        const sent = { ...user, password: `of ${user.key}` }
        const answer = await post('replay', 201, 'signup', { key: user.key, body: bodyOf(sent) })
        must(answer.text === text, 'another answer')
        must(answer.headers['idempotent-replayed'] === 'true', 'not marked as a replay')
      },
      me: () =>
        sessions.lend(async ({ user, token }) => {
          const { json } = await call('me', 200, 'GET', '/v1/auth/me', { token })
          must(json.user_id === user.id && json.email === user.email, 'somebody else')
        }),
      refresh: async (id) => {
        const session = await sessions.takeAny()
        if (!session) return
        const { user, token } = session
        const { json } = await post('refresh', 200, 'refresh', { token })
        sessions.revoke(session)
        await mustBeDead(session, id)
        sessions.add(sessionOf(user, json.token))
      },
      logout: async (id) => {
        const session = await sessions.takeAny()
        if (!session) return
        await logOut(session)
        await mustBeDead(session, id)
      },
      health: async () => {
        await call('health', 200, 'GET', '/healthz')
        const { json } = await call('health', 200, 'GET', '/readyz')
        must(json.status !== undefined, 'no status')
      },
    },
  }
}
