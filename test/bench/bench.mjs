// CPU time per request of the gateway doing its whole job, beside a bare pipe that checks nothing:
// the same service, the same load, one after the other in turns. `npm run bench -- --rounds 5`.
import { createHmac } from 'node:crypto'
import { parseArgs } from 'node:util'
import { cpuPerRequest, SECRET, startContender } from './contenders.mjs'
import { machine, summary } from './figures.mjs'

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

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({
  sub: 'user_bench',
  email: 'bench@example.com',
  exp: Math.floor(Date.now() / 1000) + 3600,
})}`
const token = `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`

const load = (contender) => cpuPerRequest(contender, token, { amount: requests, connections })

const service = await startContender('service')
const upstream = service.url
const contenders = [
  await startContender('pipe', { upstream }),
  await startContender('gateway', { upstream }),
]
for (const contender of contenders) await load(contender)

const pipe = []
const gateway = []
for (let round = 0; round < rounds; round++) {
  pipe.push(await load(contenders[0]))
  gateway.push(await load(contenders[1]))
  console.log(
    `round ${round + 1}: pipe ${pipe.at(-1).toFixed(1)} µs, gateway ${gateway.at(-1).toFixed(1)} µs`,
  )
}
const ratio = summary(gateway.map((microseconds, i) => microseconds / pipe[i]))
console.log(`
CPU time per request, small GET, ${connections} kept connections, ${rounds} rounds of ${requests} requests each
${machine()}: median (least to most)
  (a) bare pipe that checks nothing   ${summary(pipe).text} µs
  (b) passport-gateway, its whole job ${summary(gateway).text} µs
  (b) ÷ (a)                           ${ratio.text}`)

for (const { stop } of [service, ...contenders]) stop()
