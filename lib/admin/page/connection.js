import { readEvents } from './event-stream.js'

/** @import { Snapshot, Status } from './contract.d.ts' */

/**
 * @typedef {{ kind: 'connecting' | 'live' } | { kind: 'lost', retryAtMs: number }} ConnectionState
 *   `retryAtMs` is on the clock of `performance.now()`
 */

/**
 * @typedef {object} Follower
 * @property {(status: Status) => void} onStatus what there is at first, and after each interruption
 * @property {(snapshot: Snapshot) => void} onSnapshot
 * @property {(state: ConnectionState) => void} onState
 */

/**
 * Follows the gateway for ever: when it is lost, tries again after a while that doubles.
 * @param {import('./session.js').Session} session
 * @param {Follower} follower
 * @returns {{ retry: () => void }} `retry` tries at once
 */
export const follow = (session, follower) => {
  let wake = () => {}
  let failures = 0

  const listen = async () => {
    const silence = new AbortController()
    const patience = createTimer(() => silence.abort(), SILENCE_MS)
    try {
      follower.onStatus(await jsonOf(await session.call('/v1/status')))
      const stream = await session.call('/v1/status/events', { signal: silence.signal })
      if (!stream.ok || !stream.body) throw new Error(`status ${stream.status}`)
      follower.onState({ kind: 'live' })
      patience.restart()
      for await (const { event, data } of readEvents(stream.body)) {
        patience.restart()
        if (event !== 'snapshot') continue
        failures = 0
        follower.onSnapshot(JSON.parse(data))
      }
    } finally {
      patience.stop()
      silence.abort()
    }
  }

  const run = async () => {
    follower.onState({ kind: 'connecting' })
    for (;;) {
      await listen().catch(() => {}) // why does not matter: it is lost
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++)
      follower.onState({ kind: 'lost', retryAtMs: performance.now() + waitMs })
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        wake = () => {
          clearTimeout(timer)
          resolve(undefined)
        }
      })
    }
  }

  void run()
  return { retry: () => wake() }
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** A gateway that says nothing for so long is gone, whatever its socket says. */
const SILENCE_MS = 6_000

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
const jsonOf = async (response) => {
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response.json()
}

/**
 * @param {() => void} act
 * @param {number} ms
 */
const createTimer = (act, ms) => {
  /** @type {number | undefined} */
  let timer
  return {
    restart: () => {
      clearTimeout(timer)
      timer = setTimeout(act, ms)
    },
    stop: () => clearTimeout(timer),
  }
}
