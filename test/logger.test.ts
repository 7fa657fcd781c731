import { Writable } from 'node:stream'
import pino from 'pino'
import t from 'tap'
import { ConfigError, createGateway, type Logger } from '../lib/index.js'
import { NOWHERE, SECRET, startGateway } from './support/gateways.js'
import { until } from './support/until.js'

const OPTIONS = { jwtSecret: SECRET, upstream: NOWHERE }

/** pino, and what it wrote. */
const startPino = (level: string): { logger: Logger; lines: Array<Record<string, unknown>> } => {
  const lines: Array<Record<string, unknown>> = []
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _, done) => {
      lines.push(JSON.parse(line) as Record<string, unknown>)
      done()
    },
  })
  return { logger: pino({ level }, stream), lines }
}

t.test('pino gets each event with its level, and the name of it as the message', async (t) => {
  const { logger, lines } = startPino('trace')
  const { origin } = await startGateway(t, {}, { logger })
  await fetch(`${origin}/v1/proxy/`)
  await until('it is logged', () => lines.length === 3)
  t.match(lines, [
    { level: 40, event: 'store_in_memory', msg: 'store_in_memory' },
    { level: 30, event: 'listening', host: '127.0.0.1', port: Number },
    { level: 30, msg: 'request', status: 401, route: '/v1/proxy/*', requestId: String },
  ])
})

t.test("what is logged is up to the logger's own level", async (t) => {
  const { logger, lines } = startPino('warn')
  const { origin } = await startGateway(t, {}, { logger })
  await fetch(`${origin}/healthz`)
  t.match(lines, [{ msg: 'store_in_memory' }])
  t.equal(lines.length, 1)
})

t.test('a logger gets a sample of the successes too', async (t) => {
  const { logger, lines } = startPino('info')
  const { origin } = await startGateway(t, { logSuccessShare: 0 }, { logger })
  await fetch(`${origin}/healthz`)
  await fetch(`${origin}/nowhere`)
  await until('it is logged', () => lines.at(-1)?.['msg'] === 'request')
  t.equal(lines.filter(({ msg }) => msg === 'request').length, 1)
})

t.test('methods are called on their logger', (t) => {
  class Own {
    readonly messages: string[] = []
    debug(): void {}
    info(_: object, message: string): void {
      this.messages.push(message)
    }
    warn(): void {}
    error(): void {}
  }
  const logger = new Own()
  const gateway = createGateway(OPTIONS, { logger })
  void gateway.close()
  t.same(logger.messages, ['closing'])
  void createGateway(OPTIONS).close() // nothing is logged
  t.end()
})

t.test('a logger beside a log, and what is no logger, are refused', (t) => {
  const none = console as Partial<Logger>
  const rows = [
    [{ logger: console, log: () => {} }, 'must not be given beside log'],
    [
      { logger: { ...none, warn: undefined } as unknown as Logger },
      'must have the methods debug, info, warn and error',
    ],
  ] as const
  for (const [parts, detail] of rows)
    t.throws(
      () => createGateway(OPTIONS, parts),
      new ConfigError([{ option: 'logger', detail }]),
      detail,
    )
  t.end()
})
