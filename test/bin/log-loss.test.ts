// Nothing of the log is lost, whatever ends the gateway.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { originOf, run, type Run } from '../support/command.js'
import { until } from '../support/until.js'

const COUNT = 1_000

// Ends the process from within, as a fault of its own would.
const FAULTS = `data:text/javascript,${encodeURIComponent(
  `process.on('SIGUSR2', () => { throw new Error('a fault of the tests') })
   process.on('SIGWINCH', () => process.exit(3))`,
)}`
const ENV = { NODE_OPTIONS: `--import="${FAULTS}"` }

/** Asks so many times, all of it over a few connections; resolves when every answer is there. */
const askMany = async (origin: string, count: number): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      get(`${origin}/nowhere`, { agent }, (response) => {
        response.resume().once('end', resolve)
      }).once('error', reject)
    })
  await Promise.all(Array.from({ length: count }, ask))
  agent.destroy()
}

const idsOf = (text: string): Set<string> => {
  const lines = text.split('\n')
  const requests = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, string>)
  return new Set(
    requests.filter(({ event }) => event === 'request').map(({ requestId }) => requestId ?? ''),
  )
}

const ends: ReadonlyArray<readonly [string, NodeJS.Signals, number]> = [
  ['SIGTERM', 'SIGTERM', 0],
  ['SIGINT', 'SIGINT', 0],
  ['an exception that nobody caught', 'SIGUSR2', 1],
  ['process.exit', 'SIGWINCH', 3],
]

for (const [name, signal, status] of ends)
  t.test(`${COUNT} requests, then ${name}: every line is there`, async (t) => {
    const running = run(t, ['--demo', '--port=0'], ENV)
    await askMany(await originOf(running), COUNT)
    running.child.kill(signal)
    t.equal(await running.ended, status)
    await outputEnded(running)
    t.equal(idsOf(running.stdout).size, COUNT)
  })

t.test('the same into a file', async (t) => {
  const path = join(t.testdir({ log: '' }), 'log')
  const fd = openSync(path, 'a')
  const running = run(t, ['--demo', '--port=0'], ENV, '', fd)
  closeSync(fd)
  const text = (): string => readFileSync(path, 'utf8')
  const origin = await originOf({
    ...running,
    get stdout() {
      return text()
    },
  })
  await askMany(origin, COUNT)
  running.child.kill('SIGUSR2')
  t.equal(await running.ended, 1)
  t.equal(idsOf(text()).size, COUNT)
})

t.test('a reader that stalls stops nobody, and gets every line when it reads again', async (t) => {
  const running = run(t, ['--demo', '--port=0'], ENV)
  const origin = await originOf(running)
  running.child.stdout?.pause()
  const count = 4 * COUNT // more than pipes hold
  await askMany(origin, count)
  t.equal((await fetch(`${origin}/healthz`)).status, 200)
  t.ok(idsOf(wholeLines(running.stdout)).size < count, 'it stalled')
  running.child.kill('SIGUSR2')
  running.child.stdout?.resume()
  t.equal(await running.ended, 1)
  await outputEnded(running)
  t.equal(idsOf(running.stdout).size, count + 1)
})

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1)

const outputEnded = async ({ child }: Run): Promise<void> =>
  until('its output has ended', () => child.stdout?.readableEnded === true)
