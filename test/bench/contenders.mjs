// Processes that are measured, and how much CPU time they take for a proxied request.
import { once } from 'node:events'
import { closedLoop } from './closed-loop.mjs'
import { cpuMicrosecondsOf } from './cpu.mjs'
import { forkModule } from './processes.mjs'

/**
 * Starts a process in a role of `roles/`. The stores are URLs of the gateway's, `options` more of its
 * options; `core` is where it is kept.
 */
export const startContender = async (role, { core, nodeFlags, ...settings } = {}) => {
  const env = { BENCH_SETTINGS: JSON.stringify({ upstream: '', ...settings }) }
  const child = forkModule('./contender.mjs', [role], { core, nodeFlags, env })
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the ${role} ended with ${code}`)
  })
  exited.catch(() => {})
  const told = () => Promise.race([once(child, 'message'), exited])
  const [{ port, adminPort }] = await told()
  const ask = async () => {
    child.send('usage')
    return (await told())[0]
  }
  return {
    port,
    adminPort,
    url: `http://127.0.0.1:${port}`,
    cpuMicroseconds: async () => cpuMicrosecondsOf(child.pid) ?? (await ask()).microseconds,
    rssBytes: async () => (await ask()).rssBytes,
    stop: () => child.kill(),
  }
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
