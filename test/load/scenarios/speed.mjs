// What a request takes longer because of what is between.
import { setTimeout as sleep } from 'node:timers/promises'
import { summary } from '../../bench/figures.mjs'
import { spread } from '../../faults/figures.mjs'
import { addresses } from '../requests.mjs'
import { below, countsOf, exactly, latenessOf } from '../verdicts.mjs'
import { loginsOf, watchLogins } from './logins.mjs'

const PACE = { ratePerSecond: 1_000, kept: true }
const TURN = { count: 5, ms: 6_000 }

const pace = async (scene) => {
  const service = await scene.startService()
  const subject = await scene.startSubject([service])
  const ways = [
    { port: service.port, path: '/quick' },
    { port: subject.port, path: '/v1/proxy/quick' },
  ]
  const added = { p50: [], p99: [] }
  const all = []
  for (let turn = 0; turn < TURN.count; turn++) {
    const [direct, through] = [await measure(scene, ways[0]), await measure(scene, ways[1])]
    for (const name of ['p50', 'p99']) added[name].push(through[name] - direct[name])
    all.push(...direct.requests, ...through.requests)
  }
  const errors = all.filter(({ status }) => status !== 200).length
  const figure = (name, limitMs) => {
    const { median, text } = summary(added[name], 2)
    return { ...below(`added to ${name}`, median, limitMs, 'ms'), text: `${text} ms` }
  }
  const sent = `${errors} of ${all.length}, sent late p99 ${latenessOf(all)} ms`
  return [exactly('errors', errors, 0, sent), figure('p50', 1), figure('p99', 5)]
}

const measure = async (scene, way) => {
  const client = await scene.startSteady(way, { ...PACE, ...way })
  await sleep(TURN.ms)
  const requests = await client.finish()
  return { requests, ...spread(requests.map(({ latencyMs }) => latencyMs)) }
}

const LOGINS = { turns: 3, count: 500 }

const logins = async (scene) => {
  const { without, beside, errors } = await watchLogins(scene, LOGINS)
  const ratio = summary(beside.map((p99, turn) => p99 / without[turn]))
  const raised = below('p99 of others ÷ without', ratio.median, 2, '')
  raised.text = `${ratio.text}; ${summary(without, 1).text} ms without, ${summary(beside, 1).text} beside`
  return [exactly('errors of others', errors, 0), raised, ...(await tooMany(scene))]
}

const CROWD = { count: 1_500, taken: 1_001, atOnceMs: 2_000 }

/** Of more logins than have room the rest is told at once. */
const tooMany = async (scene) => {
  const subject = await scene.startSubject([await scene.startService()])
  const crowd = await scene.startClient('asking', {
    port: subject.port,
    count: CROWD.count,
    addresses: addresses(50),
    texts: loginsOf(CROWD.count, 'crowd'),
    patienceMs: 4_000,
  })
  const answers = await crowd.finish()
  const refused = answers.filter(({ status }) => status === 503)
  const text = countsOf(answers.map(({ status }) => status))
  const isMet = refused.length >= CROWD.count - CROWD.taken - 100 && refused.length < CROWD.count
  const { max = Infinity } = spread(refused.map(({ latencyMs }) => latencyMs))
  return [
    { what: 'of 1,500 logins, 503', limit: 'those beyond 1,000', text, isMet },
    below('the last of these 503', max, CROWD.atOnceMs, 'ms'),
  ]
}

export const SPEED = [
  { name: 'pace', title: '1,000 requests/s, open loop', play: pace },
  { name: 'logins', title: '500 logins at once', play: logins, without: ['haproxy'] },
]
