// A gateway with much in its memory, which came in by its own doors.
import { closedLoop, requestText } from './closed-loop.mjs'
import { createToken } from './tokens.mjs'

const ROWS_A_PART = 10_000
const HASH = `$2b$10$${'abcdefgh'.repeat(7).slice(0, 53)}`
const CONNECTIONS = 64

/** Imports so many users by the listener for operators. */
export const importUsers = async ({ adminPort }, adminToken, count) => {
  for (let first = 0; first < count; first += ROWS_A_PART) {
    const rows = Array.from({ length: Math.min(ROWS_A_PART, count - first) }, (_, i) => {
      const email = `user-${first + i}@example.com`
      return JSON.stringify({ email, password_hash: HASH, user_id: `user_${first + i}` })
    })
    const response = await fetch(`http://127.0.0.1:${adminPort}/v1/users/import`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson', Authorization: `Bearer ${adminToken}` },
      body: `${rows.join('\n')}\n`,
    })
    const { imported } = await response.json()
    if (imported !== rows.length) throw new Error(`${imported} users of ${rows.length}`)
  }
}

/** Logs so many out, each of whom has a token that would be good for a day. */
export const revokeTokens = async ({ port }, count) => {
  let number = 0
  const next = () => {
    if (number === count) return undefined
    const headers = { Authorization: `Bearer ${createToken(`user_${number}`, `out-${number++}`)}` }
    return { text: requestText('POST', '/v1/auth/logout', { headers }), status: 204 }
  }
  await closedLoop({ port, connections: CONNECTIONS, seconds: Infinity }, next)
}
