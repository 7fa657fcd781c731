// Clients who sign up, log in and log out, and try again where they must. What was acknowledged is
// written down, and what came of each call.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_MS = 100
const SEEDS = 20

export const createTraffic = ({ clients, revoked, pauseMs = 20 }) => {
  const calls = []
  const users = []
  const acknowledged = []
  const conflicts = []
  const loops = []
  let isOver = false
  let untilMs = Infinity

  const noted = async (sent) => {
    const call = await sent
    calls.push(call)
    return call
  }

  const acknowledge = (user, { json, text }) => {
    if (user.id && user.id !== json.user_id) conflicts.push(user)
    if (!user.id) acknowledged.push(user)
    user.id = json.user_id
    user.text = text
  }

  /** Tries until it is acknowledged, at one gateway after another, with the same key. */
  const signUp = async (first) => {
    const name = randomUUID()
    const user = { email: `${name}@faults.test`, password: `of ${name}`, key: name, tries: 0 }
    users.push(user)
    while (performance.now() < untilMs) {
      const call = await noted(clients[(first + user.tries++) % clients.length].signUp(user))
      if (call.status === 201) return acknowledge(user, call)
      user.last = `${call.status} ${call.code}`
      // His own, from a try that was not answered; or a gateway died with his key, and holds it still.
      if (call.code === 'email_taken' || call.code === 'too late') return
      await sleep(RETRY_MS)
    }
  }

  /** A login, and then a logout, which is tried until it is acknowledged or its token is dead. */
  const session = async (client) => {
    const user = acknowledged[Math.floor(Math.random() * acknowledged.length)]
    if (!user) return sleep(RETRY_MS)
    const login = await noted(client.logIn(user))
    if (login.status === 401) user.isRefused = true
    if (login.status !== 200) return sleep(RETRY_MS)
    while (performance.now() < untilMs) {
      const { status, endMs } = await noted(client.logOut(login.json.token))
      if (status === 204) void revoked.add(login.json.token, endMs)
      if (status === 204 || status === 401) return
      await sleep(RETRY_MS)
    }
  }

  const loop = async (work) => {
    while (!isOver) {
      await work()
      await sleep(pauseMs)
    }
  }

  return {
    calls,
    users,
    acknowledged,
    conflicts,
    signUp,
    /** Some users who are there before anything happens; gives a token of the first. */
    seed: async () => {
      for (let i = 0; i < SEEDS; i++) await signUp(i)
      const { json } = await clients[0].logIn(acknowledged[0])
      return json.token
    },
    /** So many clients of each kind begin, at each gateway. */
    start: ({ signups = 2, sessions = 2 } = {}) => {
      for (const [i, client] of clients.entries()) {
        for (let n = 0; n < signups; n++) loops.push(loop(() => signUp(i)))
        for (let n = 0; n < sessions; n++) loops.push(loop(() => session(client)))
      }
    },
    /** So many signups, as fast as they are answered. */
    signUpMany: (count, atOnce) => {
      let left = count
      const work = async () => {
        while (left-- > 0) await signUp(left)
      }
      for (let n = 0; n < atOnce; n++) loops.push(work())
    },
    /** Ends it, with patience for what is under way. */
    stop: async (patienceMs) => {
      isOver = true
      untilMs = performance.now() + patienceMs
      await Promise.all(loops)
    },
  }
}
