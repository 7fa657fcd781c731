import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { startGateway } from './support/gateways.js'

const AT_ONCE = 900
const SYSTEM_MOST = '/proc/sys/net/core/somaxconn'

/** Connects so many times at once, and tells how many it could within two seconds. */
const CLIENTS = `
  const { connect } = require('node:net')
  const [port, count] = process.argv.slice(1).map(Number)
  let connected = 0
  const tell = () => process.stdout.write(String(connected), () => process.exit())
  for (let i = 0; i < count; i++)
    connect(port, '127.0.0.1', () => ++connected === count && tell()).on('error', () => {})
  setTimeout(tell, 2_000)
`

const systemMost = (): number => {
  try {
    return Number(readFileSync(SYSTEM_MOST, 'utf8'))
  } catch {
    return 0
  }
}

/** How many come through while the loop of this process, in which the gateway is, stands still. */
const connectedTo = (port: number): number =>
  Number(execFileSync(process.execPath, ['-e', CLIENTS, `${port}`, `${AT_ONCE}`]))

const skip = systemMost() < AT_ONCE && 'the system keeps fewer'

t.test(
  'who comes in a crowd while the gateway is busy need not knock twice',
  { skip },
  async (t) => {
    const { port } = await startGateway(t)
    // The loop of this process, in which the gateway is, stands still meanwhile.
    const connected = execFileSync(process.execPath, ['-e', CLIENTS, `${port}`, `${AT_ONCE}`])
    t.equal(Number(connected), AT_ONCE)
  },
)

t.test('how many may wait is an option', { skip }, async (t) => {
  const { port } = await startGateway(t, { limits: { backlog: 8 } })
  const connected = connectedTo(port)
  t.ok(connected < 100, `${connected}`)
})
