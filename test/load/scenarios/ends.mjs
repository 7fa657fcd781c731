// What is left of those who go away, or do not, and how it ends itself.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { addresses, get, postHead } from '../requests.mjs'
import { below, countsOf, exactly, othersSaw } from '../verdicts.mjs'

const STALL_MS = 12_000

/** As many who read and leave come first: what they leave behind is not held by those who stand still. */
const TAKEN_BYTES = 8e6

const stalled = async (scene) => {
  const subject = await scene.startSubject([await scene.startService()])
  const steady = await scene.startSteady(subject)
  const cold = subject.usage().megabytes
  const readers = {
    port: subject.port,
    count: 60,
    addresses: addresses(1),
    text: get('/v1/proxy/endless', scene.users[0]),
  }
  const reading = await scene.startClient('readers', {
    ...readers,
    takeBytes: TAKEN_BYTES,
    leave: true,
  })
  await reading.finish()
  const before = subject.usage().megabytes
  const crowd = await scene.startClient('readers', readers)
  let most = 0
  for (const untilMs = performance.now() + STALL_MS; performance.now() < untilMs; await sleep(200))
    most = Math.max(most, subject.usage().megabytes)
  const { done, held } = await crowd.finish()
  const grown = below('resident memory grows by', most - before, 16, 'MB')
  grown.text += ` (${cold} at first, ${before} after 60 who read, ${most})`
  return [
    ...othersSaw(await steady.finish()),
    grown,
    exactly('readers that stand still', held, 60, `${held} of ${done} begun`),
  ]
}

const TIDY_MS = 8_000

const aborted = async (scene) => {
  const subject = await scene.startSubject([await scene.startService()])
  const warming = await scene.startSteady(subject)
  await warming.finish()
  const idle = await settled(subject, 0)
  const steady = await scene.startSteady(subject)
  const users = scene.users.slice(0, 9)
  const crowd = await scene.startClient('aborts', {
    port: subject.port,
    count: 900,
    addresses: addresses(1),
    rounds: 3,
    lingerMs: 1_500,
    texts: users.flatMap((user) => [
      get('/v1/proxy/quick', user).slice(0, -10),
      `${postHead('/v1/proxy/upload', 100_000, user)}${'x'.repeat(20_000)}`,
      get('/v1/proxy/work/30000', user),
      get('/v1/proxy/never', user),
      get('/v1/proxy/drip', user),
    ]),
  })
  const { aborted: count } = await crowd.finish()
  const others = await steady.finish()
  const after = await settled(subject, idle)
  return [
    ...othersSaw(others),
    exactly('aborted', count, 2_700),
    below('descriptors more than before', after - idle, 1, ''),
  ]
}

/** How many descriptors there are once there are no more than `most`, or after a while. */
const settled = async (subject, most) => {
  const untilMs = performance.now() + TIDY_MS
  while (performance.now() < untilMs && subject.usage().descriptors > most) await sleep(100)
  return subject.usage().descriptors
}

const REFUSED_MS = 100
const GONE_MS = 1_000

const stopped = async (scene) => {
  const subject = await scene.startSubject([await scene.startService()])
  const steady = await scene.startSteady(subject)
  await steady.finish()
  const idle = await scene.startClient('idle', {
    port: subject.port,
    count: 200,
    addresses: addresses(1),
    text: get('/v1/proxy/quick', scene.users[0]),
  })
  const crowd = await scene.startClient('asking', {
    port: subject.port,
    count: 500,
    addresses: addresses(1),
    texts: scene.users.map((user) => get('/v1/proxy/work/4000', user)),
    patienceMs: TIDY_MS,
  })
  await sleep(1_500)
  const signalMs = performance.now()
  const exited = once(subject.child, 'exit')
  subject.child.kill(subject.softStop)
  while (await isTaken(subject.port)) await sleep(1)
  const refusedMs = performance.now() - signalMs
  const [exitCode, signal] = await exited
  const goneMs = performance.timeOrigin + performance.now()
  const answers = await crowd.finish()
  await idle.finish()
  const right = answers.filter(({ status }) => status === 200).length
  const lastMs = Math.max(...answers.map(({ atMs }) => atMs))
  return [
    below('connections refused after', refusedMs, REFUSED_MS, 'ms'),
    exactly('of 500 in flight answered', right, 500, countsOf(answers.map(({ status }) => status))),
    below('gone after the last answer', goneMs - lastMs, GONE_MS, 'ms'),
    exactly('exit status', exitCode ?? signal, 0),
  ]
}

const isTaken = async (port) => {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isOpen
}

export const ENDS = [
  { name: 'stalled', title: '60 stalled readers of an endless answer', play: stalled },
  { name: 'aborted', title: '900 requests aborted, three times', play: aborted },
  { name: 'stopped', title: 'SIGTERM with 500 in flight, 200 idle', play: stopped },
]
