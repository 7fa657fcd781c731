// How many signups, logins, idempotent replays, refreshes and logouts a second a gateway answers.
import { randomUUID } from 'node:crypto'
import { closedLoop, requestText } from './closed-loop.mjs'

export const OPERATIONS = ['signup', 'signup with a key', 'login', 'replay', 'refresh', 'logout']

/** Users of one gateway, who sign up and come again. */
export const createAccountLoad = ({ port, cpuMicroseconds }, { connections }) => {
  const load = randomUUID() // a store may have users of another load
  const users = []
  let tokens = []
  let fresh = []
  let replays = []
  let number = 0
  let turn = 0

  const take = ({ from, onToken, text, status }) => {
    const token = from()
    return token && { text: text(token), status, ...(onToken && { onBody: onToken }) }
  }
  const keep = (list) => (body) => void list.push(JSON.parse(body).token)
  const withToken = (path) => (token) =>
    requestText('POST', path, { headers: { Authorization: `Bearer ${token}` } })
  const signUp = (headers = {}) => {
    const email = `user-${++number}-${load}@example.com`
    const json = { email, password: 'correct horse' }
    const text = requestText('POST', '/v1/auth/signup', { headers, json })
    return { text, status: 201, email }
  }
  const signUpWithKey = () => {
    const { text, status, email } = signUp({ 'Idempotency-Key': `key-${number}-${load}` })
    const onBody = (body) => {
      users.push(email)
      replays.push({ text, body })
    }
    return { text, status, onBody }
  }

  const operations = {
    signup: () => {
      const { text, status, email } = signUp()
      return { text, status, onBody: () => users.push(email) }
    },
    'signup with a key': signUpWithKey,
    login: () => {
      const email = users[turn++ % users.length]
      const json = { email, password: 'correct horse' }
      const text = requestText('POST', '/v1/auth/login', { json })
      return { text, status: 200, onBody: keep(tokens) }
    },
    replay: () => {
      const { text, body } = replays[turn++ % replays.length]
      const onBody = (again) => {
        if (again !== body) throw new Error('a replay is not as it was')
      }
      return { text, status: 201, onBody }
    },
    refresh: () =>
      take({
        from: () => tokens.pop(),
        text: withToken('/v1/auth/refresh'),
        status: 200,
        onToken: keep(fresh),
      }),
    logout: () =>
      take({
        from: () => fresh.pop() ?? tokens.pop(),
        text: withToken('/v1/auth/logout'),
        status: 204,
      }),
  }

  return {
    /** A token that is good, of somebody who has just signed up. */
    tokenOf: async () => {
      for (const name of ['signup', 'login'])
        await closedLoop({ port, connections: 1, seconds: Infinity }, once(operations[name]))
      return tokens.pop()
    },

    /** Runs each operation for `seconds`; gives its rate, and the CPU time of the gateway for each. */
    round: async (seconds) => {
      const figures = {}
      tokens = []
      fresh = []
      // An answer is given again for five minutes.
      replays = []
      for (const name of OPERATIONS) {
        const before = await cpuMicroseconds()
        const run = await closedLoop({ port, connections, seconds }, operations[name])
        const microseconds = ((await cpuMicroseconds()) - before) / run.count
        figures[name] = { perSecond: run.count / run.seconds, microseconds }
      }
      return figures
    },
  }
}

const once = (operation) => {
  let isDone = false
  return () => {
    if (isDone) return undefined
    isDone = true
    return operation()
  }
}
