import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { portNamedBy } from '../launch.mjs'

const BIN = fileURLToPath(new URL('../../../dist/bin/passport-gateway.js', import.meta.url))
const PACKAGE = new URL('../../../package.json', import.meta.url)
const SECRET = 'the secret of the conformance run, 32 bytes or more'

export const gateway = {
  name: 'gateway',
  version: () => (existsSync(BIN) ? JSON.parse(readFileSync(PACKAGE, 'utf8')).version : undefined),
  start: async ({ launcher, originPort }) => {
    const args = ['--upstream', `http://127.0.0.1:${originPort}`, '--host', '127.0.0.1']
    args.push('--port', '0', '--timeouts-response-headers-ms', '2000')
    const running = launcher.start(process.execPath, [BIN, ...args], { JWT_SECRET: SECRET })
    const port = await portNamedBy(running)
    return {
      url: `http://127.0.0.1:${port}/v1/proxy`,
      lines: [`Authorization: Bearer ${createToken()}`],
    }
  },
}

const createToken = () => {
  const now = Math.floor(Date.now() / 1000)
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: 'user_conformance', iat: now, exp: now + 3600 }
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}
