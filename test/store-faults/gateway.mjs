// One gateway, a process of its own so that it can be killed: `fork(gateway.mjs, [port, options])`. Its
// passwords are hashed at the least cost, whatever the hashes say, so that stores are measured and not
// bcrypt; its wall clock is set by a message, in milliseconds from the right time. What it logs, but for
// requests, is its output.
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import bcrypt from 'bcrypt'

const { FAULTS_DIST = fileURLToPath(new URL('../../dist', import.meta.url)) } = process.env
const { createGateway } = await import(`${FAULTS_DIST}/lib/index.js`)
const [port, options] = process.argv.slice(2)
const [SAID, CHEAP] = ['$2b$10$', '$2b$04$']

let aheadMs = 0

const gateway = createGateway(JSON.parse(options), {
  passwordHasher: {
    hash: async (text) => (await bcrypt.hash(text, 4)).replace(CHEAP, () => SAID),
    compare: (text, hash) =>
      bcrypt.compare(
        text,
        hash.replace(SAID, () => CHEAP),
      ),
  },
  clock: {
    now: () => Date.now() + aheadMs,
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
  },
  log: (event) => {
    if (event.event !== 'request') writeSync(1, `${JSON.stringify(event)}\n`)
  },
})

process.on('message', (ms) => {
  aheadMs = ms
  process.send('set')
})
process.on('disconnect', () => process.exit())
try {
  const { admin } = await gateway.listen(Number(port))
  process.send(admin.port)
} catch (error) {
  writeSync(1, `${JSON.stringify({ event: 'not_listening', cause: error.message })}\n`)
  process.exit(1)
}
