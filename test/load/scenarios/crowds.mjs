// Many who take little each, and take it for long.
import { setTimeout as sleep } from 'node:timers/promises'
import { spread } from '../../faults/figures.mjs'
import { addresses, get, postHead } from '../requests.mjs'
import { below, countsOf, exactly, othersSaw } from '../verdicts.mjs'

/** How long a crowd is watched. The gateway cuts slow heads after 8 s, and looks every second. */
const WATCH_MS = 14_000
const SLOW_CUT_SECONDS = 10

const stage = async (scene) => {
  const subject = await scene.startSubject([await scene.startService()])
  return { subject, steady: await scene.startSteady(subject) }
}

const idle = async (scene) => {
  const { subject, steady } = await stage(scene)
  const crowd = await scene.startClient('idle', {
    port: subject.port,
    count: 5_000,
    addresses: addresses(6),
    perSecond: 2_000,
    text: get('/v1/proxy/quick', scene.users[0]),
  })
  await sleep(WATCH_MS)
  const { megabytes } = subject.usage()
  const { held } = await crowd.finish()
  return [
    ...othersSaw(await steady.finish()),
    exactly('connections held', held, 5_000),
    below('resident memory', megabytes, 150, 'MB'),
  ]
}

/** `count` who send their headers a byte a second. */
const slowHeaders = (options) => async (scene) => {
  const { subject, steady } = await stage(scene)
  const crowd = await scene.startClient('slow', {
    port: subject.port,
    start: 'GET /v1/proxy/quick HTTP/1.1\r\nHost: load.test\r\nX-Slow: ',
    everyMs: 1_000,
    ...options,
  })
  await sleep(WATCH_MS)
  const { cut, held, longestMs } = await crowd.finish()
  const lived = below('the longest of the slow', longestMs / 1_000, SLOW_CUT_SECONDS, 's')
  lived.text += ` (${cut} cut, ${held} left)`
  return [...othersSaw(await steady.finish()), lived]
}

const slowUploads = async (scene) => {
  const { subject, steady } = await stage(scene)
  const crowd = await scene.startClient('slow', {
    port: subject.port,
    count: 1_500,
    addresses: addresses(2),
    perSecond: 2_000,
    head: postHead('/v1/proxy/upload', 1_000_000, scene.users[0]),
    everyMs: 1_000,
    stubborn: true,
  })
  await sleep(WATCH_MS)
  await crowd.finish()
  return othersSaw(await steady.finish())
}

const burst = async (scene) => {
  const { subject, steady } = await stage(scene)
  const crowd = await scene.startClient('asking', {
    port: subject.port,
    count: 1_500,
    addresses: addresses(2),
    texts: scene.users.map((user) => get('/v1/proxy/quick', user)),
    patienceMs: WATCH_MS,
  })
  const answers = await crowd.finish()
  await sleep(WATCH_MS / 2)
  const right = answers.filter(({ status }) => status === 200).length
  const statuses = countsOf(answers.map(({ status }) => status))
  return [
    ...othersSaw(await steady.finish()),
    exactly('of the 1,500 answered', right, 1_500, statuses),
    below(
      'the slowest of them',
      spread(answers.map(({ latencyMs }) => latencyMs)).max,
      1_000,
      'ms',
    ),
  ]
}

export const CROWDS = [
  { name: 'idle', title: '5,000 idle connections', play: idle },
  {
    name: 'slow',
    title: '2,000 who send headers a byte a second',
    play: slowHeaders({ count: 2_000, addresses: addresses(4) }),
  },
  {
    name: 'slowest',
    title: '10,000 such, who come back when they are cut',
    play: slowHeaders({
      count: 10_000,
      addresses: addresses(20),
      perSecond: 2_000,
      stubborn: true,
    }),
  },
  { name: 'uploads', title: "1,500 slow uploads with one user's token", play: slowUploads },
  { name: 'burst', title: '1,500 connections at once, a GET on each', play: burst },
]
