// Processes that are measured, and how much CPU time they take for a proxied request.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { closedLoop } from './closed-loop.mjs'

export const SECRET = 'the secret of a benchmark, 32 bytes or more'

/** Starts a process in a role of `contender.mjs`; the stores are URLs of the gateway's. */
export const startContender = async (
  role,
  { upstream = '', store = '', ephemeralStore = '' } = {},
) => {
  const child = fork(fileURLToPath(new URL('./contender.mjs', import.meta.url)), [role], {
    env: {
      ...process.env,
      JWT_SECRET: SECRET,
      UPSTREAM_URL: upstream,
      STORE_URL: store,
      EPHEMERAL_STORE_URL: ephemeralStore,
    },
  })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the ${role} ended with ${code}`)
  })
  exited.catch(() => {})
  const told = () => Promise.race([once(child, 'message'), exited])
  const [{ port }] = await told()
  const cpuMicroseconds = async () => {
    child.send('cpu')
    const [{ microseconds }] = await told()
    return microseconds
  }
  return { port, url: `http://127.0.0.1:${port}`, cpuMicroseconds, stop: () => child.kill() }
}

/** CPU time of a contender for each of `amount` small GETs with `token`, in microseconds. */
export const cpuPerRequest = async (contender, token, { amount, connections }) => {
  const text = `GET /v1/proxy/bench HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const request = { text, status: 200 }
  let left = amount
  const before = await contender.cpuMicroseconds()
  await closedLoop({ port: contender.port, connections, seconds: Infinity }, () =>
    left-- > 0 ? request : undefined,
  )
  return ((await contender.cpuMicroseconds()) - before) / amount
}
