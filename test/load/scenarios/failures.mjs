// Services that fail, in the eyes of those who use them and of those who do not.
import { setTimeout as sleep } from 'node:timers/promises'
import { figuresOf } from '../../faults/figures.mjs'
import { createLoad } from '../../faults/load.mjs'
import { requestsOf } from '../../faults/requests.mjs'
import { spread } from '../../faults/figures.mjs'
import { addresses, get } from '../requests.mjs'
import { below, countsOf, exactly, othersSaw } from '../verdicts.mjs'

/** `timeouts.responseHeadersMs` by default, and a second. */
const TIMEOUT_SECONDS = 31
const PATIENCE_MS = 40_000

const silent = async (scene) => {
  const [service, silentService] = [await scene.startService(), await scene.startService()]
  const routes = [{ path: '/never', upstream: silentService.url }]
  const subject = await scene.startSubject([service], { routes })
  const steady = await scene.startSteady(subject)
  const crowd = await scene.startClient('asking', {
    port: subject.port,
    count: 600,
    addresses: addresses(1),
    texts: scene.users.map((user) => get('/v1/proxy/never', user)),
    patienceMs: PATIENCE_MS,
  })
  const answers = await crowd.finish()
  const late = answers.filter(({ status }) => status === 504)
  const statuses = countsOf(answers.map(({ status }) => status))
  const { max } = spread(answers.map(({ latencyMs }) => latencyMs))
  return [
    ...othersSaw(await steady.finish()),
    exactly('of the 600 that got 504', late.length, 600, statuses),
    below('the last 504 after', max / 1_000, TIMEOUT_SECONDS, 's'),
  ]
}

const RESETS = { seconds: 10, ratePerSecond: 200, slowestMs: 2_000 }

const resets = async (scene) => {
  const targets = [await scene.startTarget(), await scene.startTarget()]
  const subject = await scene.startSubject(targets)
  const load = createLoad({
    port: subject.port,
    requestOf: requestsOf('resets', scene.users),
    ratePerSecond: RESETS.ratePerSecond,
    patienceMs: PATIENCE_MS,
  })
  await load.warmUp(2)
  for (const target of targets) target.behave('unsteady')
  const startMs = performance.now()
  await load.run(RESETS.seconds)
  load.close()
  const { requests } = load
  const ledgers = targets.map((target) => target.ledger())
  const figures = figuresOf({ scenario: {}, requests, ledgers, startMs, events: [] })
  const strange = requests.filter(({ answer }) => ![200, 502, 503].includes(answer?.status)).length
  const others = Object.entries(figures.outcomes).filter(([name]) => /short|200./.test(name))
  const faulty = others.reduce((sum, [, count]) => sum + count, 0)
  const text = countsOf(requests.map(({ answer }) => answer?.status ?? 'cut'))
  const slowest = Math.max(...requests.map(({ dueMs, endMs }) => endMs - dueMs))
  const most = Math.max(0, ...receiptsOf(ledgers).values())
  const failed = Object.entries(figures.errors).map(([kind, count]) => `${kind} ${count}`)
  const sendings = `${figures.retried} twice, ${most} times at most; failed: ${failed.join(', ')}`
  return [
    exactly('answers but 200, 502, 503', strange + faulty, 0, text),
    below('the slowest', slowest, RESETS.slowestMs, 'ms'),
    { what: 'safe ones are sent again', limit: 'some', text: sendings, isMet: figures.retried > 0 },
    exactly('POSTs without a key, received twice', figures.doubled, 0),
  ]
}

const receiptsOf = (ledgers) => {
  const counts = new Map()
  for (const line of ledgers.flatMap((text) => text.split('\n')))
    if (line.startsWith('received ')) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

const DOWN = { forMs: 1_000, errorMs: 50, restoredMs: 100 }

const down = async (scene) => {
  const service = await scene.startService()
  const subject = await scene.startSubject([service])
  const steady = await scene.startSteady(subject)
  await sleep(2_000)
  await service.kill()
  const downMs = performance.timeOrigin + performance.now()
  await sleep(DOWN.forMs)
  await service.start()
  const upMs = performance.timeOrigin + performance.now()
  await sleep(3_000)
  const requests = await steady.finish()
  const failed = requests.filter(({ status }) => status !== 200)
  const strange = failed.filter(({ status }) => status !== 502 && status !== 503).length
  const meanwhile = failed.filter(({ dueMs }) => dueMs > downMs && dueMs < upMs)
  const { p99 } = spread(meanwhile.map(({ latencyMs }) => latencyMs))
  const lastMs = Math.max(...failed.map(({ dueMs }) => dueMs))
  return [
    exactly('answers but 200, 502, 503', strange, 0, countsOf(requests.map((one) => one.status))),
    below('p99 of the errors', p99 ?? Infinity, DOWN.errorMs, 'ms'),
    below('last error after it was back', Math.max(lastMs - upMs, 0), DOWN.restoredMs, 'ms'),
  ]
}

export const FAILURES = [
  { name: 'silent', title: '600 requests into a service that never answers', play: silent },
  { name: 'resets', title: 'a fifth of all requests reset by two targets', play: resets },
  { name: 'down', title: 'the service is down for a second', play: down },
]
