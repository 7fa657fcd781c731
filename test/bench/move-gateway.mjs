// The gateway and its command, each as an operator runs it: what is built, in processes of their own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../faults/processes.mjs'
import { SECRET } from './tokens.mjs'

const BIN = fileURLToPath(new URL('../../dist/bin/passport-gateway.js', import.meta.url))
const ADMIN_TOKEN = 'the-token-of-operators-in-a-benchmark'
const FLAGS = ['--port', '0', '--upstream', 'http://127.0.0.1:9']

const children = new Set()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

const start = (args, env, flags = []) => {
  const child = spawn(process.execPath, [...flags, BIN, ...args], {
    env: { PATH: process.env.PATH, ADMIN_TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  const ended = once(child, 'close').then(([code, signal]) => {
    children.delete(child)
    return code ?? signal
  })
  return { child, ended, stdout: text(child.stdout), stderr: text(child.stderr) }
}

/** A running gateway whose users are in this store; `nodeFlags` are of the node that runs it. */
export const startGateway = async (store, nodeFlags = []) => {
  const adminPort = await freePort()
  const adminUrl = `http://127.0.0.1:${adminPort}`
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  const statusOf = async (path) => {
    const response = await fetch(`${adminUrl}${path}`, { headers }).catch(() => undefined)
    await response?.arrayBuffer()
    return response?.status
  }
  const env = { JWT_SECRET: SECRET, STORE_URL: store }
  const launch = async () => {
    const run = start([...FLAGS, '--admin-port', String(adminPort)], env, nodeFlags)
    while ((await statusOf('/v1/users?limit=1')) !== 200) {
      if (run.child.exitCode !== null) throw new Error(`no gateway: ${await run.stderr}`)
      await sleep(20)
    }
    return run
  }
  let run = await launch()
  const end = async (signal) => {
    run.child.kill(signal)
    return run.ended
  }
  return {
    hasUser: async (id) => (await statusOf(`/v1/users/${id}`)) === 200,
    /** Starts `passport-gateway users …` for this gateway. */
    users: (...args) => startCommand(args, adminUrl),
    kill: () => end('SIGKILL'),
    restart: async () => void (run = await launch()),
    stop: async () => {
      const code = await end('SIGTERM')
      if (code !== 0) throw new Error(`a gateway ended with ${code}: ${await run.stderr}`)
    },
  }
}

/** What is run is `ended` with its exit code, its report, and how long it took. */
const startCommand = (args, adminUrl) => {
  const startMs = performance.now()
  const run = start(['users', ...args], { ADMIN_URL: adminUrl })
  const ended = run.ended.then(async (code) => ({
    code,
    seconds: (performance.now() - startMs) / 1_000,
    stdout: await run.stdout,
    stderr: await run.stderr,
  }))
  return { kill: () => run.child.kill('SIGKILL'), ended }
}

/** The outcome of a command that must succeed; of an import its report too. */
export const succeeded = async ({ ended }) => {
  const outcome = await ended
  const { code, stdout, stderr } = outcome
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stderr}`)
  return { ...outcome, report: stdout === '' ? undefined : JSON.parse(stdout) }
}
