// A password that is wrong: at the start, and from one moment to the next.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SECRET } from './gateways.mjs'

const { FAULTS_DIST = fileURLToPath(new URL('../../dist', import.meta.url)) } = process.env
const BIN = join(FAULTS_DIST, 'bin/passport-gateway.js')
const LIMIT_MS = 20_000

/** Gives what was wrong with how the command ended that was told a wrong password. */
const startWithWrong = ({ store }) =>
  new Promise((resolve) => {
    const env = {
      JWT_SECRET: SECRET,
      UPSTREAM_URL: 'http://127.0.0.1:9',
      STORE_URL: store.wrongOptions.store,
    }
    const options = { env, timeout: LIMIT_MS }
    execFile(process.execPath, [BIN, '--port', '0'], options, (error, stdout, stderr) => {
      const lines = stderr.split('\n').filter(Boolean)
      const isRight = error?.code === 1 && lines.length === 1 && /password/.test(lines[0])
      resolve(isRight ? [] : [`at the start: ${error?.code} ${stderr}${stdout}`])
    })
  })

export const PASSWORDS = {
  name: 'password',
  title: 'its password is another one for 4 s, and nobody stays connected',
  stores: ['postgres', 'redis'],
  before: startWithWrong,
}
