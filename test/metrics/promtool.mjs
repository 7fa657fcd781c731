// What promtool of Prometheus says of the metrics of a gateway that has seen some traffic, in the text
// format, which is all it knows, and of the rules and expressions in lib/admin/monitoring. Exits with 1 at
// any complaint. Needs `npm run build`, and promtool.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGateway } from '../../dist/lib/index.js'

const ADMIN_TOKEN = 'a-token-of-operators-for-promtool'
const SECRET = 'a secret of the tests, at least 32 bytes'
const NOWHERE = 'http://127.0.0.1:9'

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url))
const RULES = pathOf('../../dist/lib/admin/monitoring/alerts.yml')
const DASHBOARD = pathOf('../../dist/lib/admin/monitoring/dashboard.json')
const CASES = pathOf('alert-cases.yml')

/** Some of every kind, so that most metrics have a series. */
const makeTraffic = async (origin) => {
  const post = (path, body, headers = {}) =>
    fetch(origin + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const account = { email: 'ada@example.com', password: 'correct horse' }
  const key = { 'Idempotency-Key': 'promtool' }
  const { token } = await (await post('/v1/auth/signup', account, key)).json()
  await post('/v1/auth/signup', account, key)
  await post('/v1/auth/login', { ...account, password: 'wrong horse' })
  for (const authorization of [`Bearer ${token}`, `Bearer ${token}x`, ''])
    for (const path of ['/v1/proxy/good/a', '/v1/proxy/bad/a', '/nothing'])
      await fetch(origin + path, { headers: { authorization, 'X-Passport': 'forged' } })
}

/** The metrics of a gateway as Prometheus gets them. */
const readMetrics = async (folder) => {
  const service = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  let adminPort = 0
  const log = (event) => {
    if (event.event === 'admin_listening') adminPort = event.port
  }
  const gateway = createGateway(
    {
      jwtSecret: SECRET,
      adminToken: ADMIN_TOKEN,
      admin: { port: 0 },
      store: `sqlite:${join(folder, 'gateway.db')}`,
      routes: [
        { path: '/good', upstream: `http://127.0.0.1:${service.address().port}` },
        { path: '/bad', upstream: NOWHERE },
      ],
    },
    { log },
  )
  const { port } = await gateway.listen(0, '127.0.0.1')
  try {
    await makeTraffic(`http://127.0.0.1:${port}`)
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, Accept: 'text/plain' }
    const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`, { headers })
    if (response.status !== 200) throw new Error(`/metrics answers ${response.status}`)
    return await response.text()
  } finally {
    await gateway.close()
    service.close()
    service.closeAllConnections()
  }
}

/** Each expression of the dashboard as a rule, in JSON, which YAML has within it. */
const panelRules = () => {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8'))
  const rules = panels
    .flatMap(({ targets = [] }) => targets)
    .map(({ expr }, i) => ({
      record: `panel${i}`,
      expr: expr.replaceAll('$__rate_interval', '5m'), // Grafana's
    }))
  return JSON.stringify({ groups: [{ name: 'dashboard', rules }] })
}

/** Whether promtool has nothing to say against it. */
const isGood = (what, args, input = '') => {
  const { status, error, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  if (error) throw error
  // What it only advises is on standard error too, and its status is 0 in older ones.
  const isFine = status === 0 && stderr.trim() === ''
  console.log(`${isFine ? 'ok' : 'NOT OK'}: ${what}`)
  if (!isFine) console.log(`${stdout}${stderr}`)
  return isFine
}

const folder = mkdtempSync(join(tmpdir(), 'gateway-promtool-'))
try {
  const metrics = await readMetrics(folder)
  const panels = join(folder, 'panels.yml')
  writeFileSync(panels, panelRules())
  const outcomes = [
    isGood(`${metrics.split('\n').length} lines of metrics`, ['check', 'metrics'], metrics),
    isGood('the rules', ['check', 'rules', RULES]),
    isGood('the dashboard', ['check', 'rules', panels]),
    isGood('what they warn of', ['test', 'rules', CASES]),
  ]
  process.exitCode = outcomes.every(Boolean) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}
