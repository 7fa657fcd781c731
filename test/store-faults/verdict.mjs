// What is true in the end: counted at the store, and by asking for all that was acknowledged.
import { setTimeout as sleep } from 'node:timers/promises'

const AT_ONCE = 8
const TRIES = 20
const RETRY_MS = 250
/** Signups of which it is looked whether the answer is given again. */
const LIMIT_REPLAYED = 200

export const verdictOf = async ({ traffic, revoked, clients, gateways, passwords }) => {
  const [client] = clients
  await revoked.finish()
  const { acknowledged } = traffic

  const isThere = async (user) => {
    const { status, json } = await insistently(() => client.logIn(user))
    return status === 200 && json.user_id === user.id && !user.isRefused
  }
  const isReplayed = async (user) => {
    const { status, text } = await insistently(() => client.signUp(user))
    return status === 201 && text === user.text
  }

  const lost = await countFailing(acknowledged, isThere)
  const unreplayed = await countFailing(acknowledged.slice(-LIMIT_REPLAYED), isReplayed)
  const users = await client.users()
  const emails = new Set(users.map(({ email }) => email))
  const unanswered = traffic.users.filter(({ id }) => !id)
  const logs = gateways.map((gateway) => gateway.log()).join('\n')
  return {
    signups: acknowledged.length,
    revoked: revoked.count(),
    lost,
    unreplayed,
    doubled: users.length - emails.size + traffic.conflicts.length,
    acceptedLate: revoked.acceptedLate(),
    slowestRevocationMs: revoked.slowestMs(),
    died: gateways.filter((gateway) => gateway.hasDied()).length,
    leaked: passwords.filter((password) => logs.includes(password)).length,
    unanswered: unanswered.length,
    // Whose user is there he may log in: he was added, but the store's answer to that was lost.
    unended: unanswered.filter(({ last }) => last !== '409 email_taken').length,
    unansweredThere: unanswered.filter(({ email }) => emails.has(email)).length,
    lastWords: [...new Set(unanswered.map(({ last }) => last))],
  }
}

export const isFaulty = (result) => {
  const { lost, doubled, acceptedLate, wrong, died, leaked, broken, recoveryMs } = result
  const count = lost + doubled + acceptedLate + wrong + died + leaked + broken.length
  return count > 0 || recoveryMs === Infinity
}

const countFailing = async (items, isRight) => {
  const left = [...items]
  let failing = 0
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) if (!(await isRight(next))) failing++
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failing
}

/** Tries again where the gateway could not say. */
const insistently = async (send) => {
  for (let tries = 1; ; tries++) {
    const call = await send()
    if ((call.status !== 503 && call.status !== 0) || tries >= TRIES) return call
    await sleep(RETRY_MS)
  }
}
