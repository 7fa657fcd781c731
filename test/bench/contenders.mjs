// Processes that are measured, and how much CPU time they take for a proxied request.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'

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
  const before = await contender.cpuMicroseconds()
  const result = await autocannon({
    url: `${contender.url}/v1/proxy/bench`,
    connections,
    amount,
    headers: { authorization: `Bearer ${token}` },
  })
  if (result['2xx'] !== amount) throw new Error(`${amount - result['2xx']} requests failed`)
  return ((await contender.cpuMicroseconds()) - before) / amount
}
