// WebSockets of users: echoed, left without a word, and ended with their token.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import WebSocket from 'ws'
import { INVALID, must, mustBeRefused, mustBeSeen } from './expect.mjs'
import { bearer } from './sessions.mjs'
import { Broken } from './wire.mjs'

const PATIENCE_MS = 60_000
const MESSAGES = 5
const BYTES = 20_000

export const createSockets = ({ port, accounts, sessions }) => {
  const open = async (id, session) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/v1/proxy/echo/${id}`, {
      headers: bearer(session.token),
    })
    const timer = setTimeout(() => client.terminate(), PATIENCE_MS)
    client.on('error', () => {})
    const closed = new Promise((resolve) => {
      client.on('close', (code, reason) => {
        clearTimeout(timer)
        resolve({ code, reason: String(reason) })
      })
    })
    const next = async () => {
      const ended = closed.then(() => [])
      const message = once(client, 'message').catch(() => ended)
      const [data] = await Promise.race([message, ended])
      if (data === undefined) throw new Broken('the WebSocket ended')
      return data
    }
    mustBeSeen(String(await next()), session)
    return { client, closed, next }
  }

  const echo = async ({ client, next }) => {
    const sent = randomBytes(1 + Math.floor(Math.random() * BYTES))
    client.send(sent)
    must(Buffer.compare(await next(), sent) === 0, 'another message came back')
  }

  return {
    websocket: (id) =>
      sessions.lend(async (session) => {
        const socket = await open(id, session)
        for (let i = 0; i < MESSAGES; i++) await echo(socket)
        socket.client.close(4001, id)
        const { code, reason } = await socket.closed
        if (code === 1006) throw new Broken('the WebSocket ended')
        must(code === 4001 && reason === id, `closed with ${code} ${reason}`)
      }),

    'websocket, left': (id) =>
      sessions.lend(async (session) => {
        const socket = await open(id, session)
        await echo(socket)
        socket.client.terminate()
        await socket.closed
      }),

    'websocket of a logout': async (id) => {
      const session = await sessions.takeAny()
      if (!session) return
      const socket = await open(id, session)
      await echo(socket)
      await accounts.logOut(session)
      const { code, reason } = await socket.closed
      if (code === 1006) throw new Broken('the WebSocket ended')
      must(code === 1008 && reason === 'the token was revoked', `closed with ${code} ${reason}`)
      mustBeRefused(await accounts.tryToken(session.token, id), INVALID)
    },
  }
}
