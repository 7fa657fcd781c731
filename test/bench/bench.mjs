// CPU time per request of the gateway doing its whole job, beside a bare pipe that checks nothing:
// the same service, the same load, one after the other in turns. `npm run bench -- --rounds 5`.
import { fork } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '64' },
  },
})
const rounds = Number(values.rounds)
const requests = Number(values.requests)
const connections = Number(values.connections)

const SECRET = 'the secret of a benchmark, 32 bytes or more'

const start = async (role, upstream = '') => {
  const child = fork(fileURLToPath(new URL('./contender.mjs', import.meta.url)), [role], {
    env: { ...process.env, JWT_SECRET: SECRET, UPSTREAM_URL: upstream },
  })
  const [{ port }] = await once(child, 'message')
  const cpuMicroseconds = async () => {
    child.send('cpu')
    const [{ microseconds }] = await once(child, 'message')
    return microseconds
  }
  return { url: `http://127.0.0.1:${port}`, cpuMicroseconds, stop: () => child.kill() }
}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({
  sub: 'user_bench',
  email: 'bench@example.com',
  exp: Math.floor(Date.now() / 1000) + 3600,
})}`
const token = `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`

const load = async ({ url, cpuMicroseconds }, amount) => {
  const before = await cpuMicroseconds()
  const result = await autocannon({
    url: `${url}/v1/proxy/bench`,
    connections,
    amount,
    headers: { authorization: `Bearer ${token}` },
  })
  if (result['2xx'] !== amount) throw new Error(`${amount - result['2xx']} requests failed`)
  return ((await cpuMicroseconds()) - before) / amount
}

const summary = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  return {
    median,
    text: `${median.toFixed(2)} (${sorted[0].toFixed(2)} to ${sorted.at(-1).toFixed(2)})`,
  }
}

const service = await start('service')
const contenders = [await start('pipe', service.url), await start('gateway', service.url)]
for (const contender of contenders) await load(contender, requests)

const pipe = []
const gateway = []
for (let round = 0; round < rounds; round++) {
  pipe.push(await load(contenders[0], requests))
  gateway.push(await load(contenders[1], requests))
  console.log(
    `round ${round + 1}: pipe ${pipe.at(-1).toFixed(1)} µs, gateway ${gateway.at(-1).toFixed(1)} µs`,
  )
}
const ratio = summary(gateway.map((microseconds, i) => microseconds / pipe[i]))
console.log(`
CPU time per request, small GET, ${connections} kept connections, ${rounds} rounds of ${requests} requests each
node ${process.version}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores: median (least to most)
  (a) bare pipe that checks nothing   ${summary(pipe).text} µs
  (b) passport-gateway, its whole job ${summary(gateway).text} µs
  (b) ÷ (a)                           ${ratio.text}`)

for (const { stop } of [service, ...contenders]) stop()
