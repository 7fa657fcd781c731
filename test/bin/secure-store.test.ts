// Stores that speak TLS, to the command as it is built.
import t, { type Test } from 'tap'
import { ADA } from '../support/accounts.js'
import { certificate, certificateFile } from '../support/certificates.js'
import { originOf, run } from '../support/command.js'
import { postJson, SECRET } from '../support/gateways.js'
import { postgresServer } from '../support/postgres-engines.js'
import { redisServer } from '../support/redis-engines.js'

const ENV = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }
const TRUSTED = { STORE_TLS_CA_FILE: certificateFile('ca.pem') }

/** Starts a server that shows the certificate of this name, and gives its URL. */
type SetUp = (t: Test, name: string) => Promise<string>

const STORES: Record<string, SetUp> = {
  postgres: async (t, name) => {
    const { port } = await postgresServer(t, { password: 'right', tls: certificate(name) })
    return `postgres://gw:right@localhost:${port}/postgres?sslmode=verify-full`
  },
  redis: async (t, name) => {
    const [certFile, keyFile] = [certificateFile(`${name}.pem`), certificateFile(`${name}.key`)]
    const { port } = await redisServer(t, { password: 'right', tls: { certFile, keyFile } })
    return `rediss://:right@localhost:${port}`
  },
}

for (const [name, setUp] of Object.entries(STORES))
  t.test(`${name} is believed for a certificate of who is trusted, and for no other`, async (t) => {
    const [url, misnamed] = await Promise.all([setUp(t, 'localhost'), setUp(t, 'service')])
    const trusted = run(t, ['--port=0'], { ...ENV, ...TRUSTED, STORE_URL: url })
    const signup = await postJson(`${await originOf(trusted)}/v1/auth/signup`, ADA)
    t.equal(signup.status, 201)
    trusted.child.kill('SIGTERM')
    t.equal(await trusted.ended, 0)
    const line = `cannot start: the certificate of ${name} is not trusted, or of another name`
    for (const env of [{ STORE_URL: url }, { ...TRUSTED, STORE_URL: misnamed }]) {
      const running = run(t, ['--port=0'], { ...ENV, ...env })
      t.equal(await running.ended, 1)
      t.equal(running.stderr, `passport-gateway: ${line}\n`)
      t.notMatch(running.stdout, /right/)
    }
  })
