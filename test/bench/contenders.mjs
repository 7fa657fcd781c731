// Processes that are measured, and how much CPU time they take for a proxied request.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'

export const SECRET = 'the secret of a benchmark, 32 bytes or more'

/** Starts a process in a role of `contender.mjs`; `store` is the URL of the gateway's. */
export const startContender = async (role, { upstream = '', store = '' } = {}) => {
  const child = fork(fileURLToPath(new URL('./contender.mjs', import.meta.url)), [role], {
    env: { ...process.env, JWT_SECRET: SECRET, UPSTREAM_URL: upstream, STORE_URL: store },
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

/** The median of some numbers, and a text with the least and the most of them. */
export const summary = (numbers, digits = 2) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  const [least, most] = [sorted[0], sorted.at(-1)]
  return {
    median,
    text: `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`,
  }
}
