// One process of the benchmark: the service behind, a bare pipe, or the gateway as it is built.
import { Agent, createServer, request } from 'node:http'
import { createGateway, createLog } from '../../dist/lib/index.js'

const { JWT_SECRET: jwtSecret, UPSTREAM_URL: upstream } = process.env
const { STORE_URL: store, EPHEMERAL_STORE_URL: ephemeralStore } = process.env

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))

const roles = {
  // It keeps its connections while it is another's turn: the pipe would not survive their end.
  service: () =>
    listen(
      createServer({ keepAliveTimeout: 120_000 }, (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 5 })
        response.end('hello')
      }),
    ),

  pipe: () => {
    const agent = new Agent({ keepAlive: true })
    const { hostname, port } = new URL(upstream)
    return listen(
      createServer((incoming, response) => {
        const { method, url: path, headers } = incoming
        const outgoing = request({ agent, hostname, port, method, path, headers }, (answer) => {
          response.writeHead(answer.statusCode, answer.headers)
          answer.pipe(response)
        })
        incoming.pipe(outgoing)
      }),
    )
  },

  // With its log, as the command runs it; the lines are made and thrown away.
  gateway: async () => {
    const clock = {
      now: Date.now,
      monotonic: () => performance.now(),
      sleep: () => Promise.reject(),
    }
    const log = createLog({ level: 'info', clock, write: () => {}, readable: false })
    const stores = { ...(store && { store }), ...(ephemeralStore && { ephemeralStore }) }
    const gateway = createGateway(
      { jwtSecret, upstream, throttle: UNTHROTTLED, overload: UNHURRIED, ...stores },
      { log, ...(store && { passwordHasher: CHEAP }) },
    )
    return (await gateway.listen(0)).port
  },
}

// Connections are kept however long the others on this machine keep the gateway waiting.
const UNHURRIED = { loopDelayHardMs: 600_000 }
// All of it comes from one address. It is counted all the same.
const UNTHROTTLED = { addressAttempts: 1e9, accountAttempts: 1e9 }
// Where a store is measured, bcrypt is not.
const CHEAP = {
  hash: async (password) => `$2b$10$${Buffer.from(password).toString('hex').padEnd(53, '.')}`,
  compare: async (password, hash) => hash === (await CHEAP.hash(password)),
}

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ microseconds: user + system })
})
process.on('disconnect', () => process.exit())
process.send({ port: await roles[process.argv[2]]() })
