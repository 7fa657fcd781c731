import t from 'tap'
import {
  createLog,
  describeError,
  LOG_LEVELS,
  type LogEvent,
  type LogLevel,
  type LogOptions,
} from '../lib/log.js'
import { EVENTS } from '../lib/log-events.js'
import { createManualClock } from './support/manual-clock.js'

const SAMPLES: LogEvent[] = [
  { event: 'connection_refused', status: 400, cause: 'HPE_INVALID_METHOD' },
  { event: 'closing' },
  {
    event: 'upstream_failed',
    requestId: 'r',
    target: 'http://a',
    phase: 'waiting',
    cause: 'ECONNRESET',
  },
  { event: 'handler_failed', requestId: 'r', error: 'TypeError', at: '' },
]

const request = (parts: Partial<Extract<LogEvent, { event: 'request' }>> = {}): LogEvent => ({
  event: 'request',
  requestId: 'r',
  method: 'GET',
  route: '/healthz',
  status: 200,
  durationMs: 1.5,
  aborted: false,
  ...parts,
})

const linesOf = (
  level: LogLevel,
  readable: boolean,
  events = SAMPLES,
  options: Partial<LogOptions> = {},
): string[] => {
  const lines: string[] = []
  const clock = createManualClock()
  const write = (line: string): void => void lines.push(line)
  const log = createLog({ level, clock, write, readable, ...options })
  for (const event of events) log(event)
  return lines
}

t.test('a level includes those after it', (t) => {
  t.same(
    LOG_LEVELS.map((level) => linesOf(level, false).length),
    [4, 4, 2, 1, 0],
  )
  t.end()
})

t.test('only where lines go must be said', (t) => {
  let line = ''
  createLog({ write: (text) => (line = text) })({ event: 'closing' })
  t.match(JSON.parse(line), { event: 'closing', level: 'info', time: /^\d{4}-.*Z$/ })
  t.end()
})

t.test('an event is one line of JSON', (t) => {
  t.same(linesOf('warn', false), [
    '{"time":"2030-03-17T17:46:40.000Z","level":"warn","event":"upstream_failed","requestId":"r","target":"http://a","phase":"waiting","cause":"ECONNRESET"}\n',
    '{"time":"2030-03-17T17:46:40.000Z","level":"error","event":"handler_failed","requestId":"r","error":"TypeError","at":""}\n',
  ])
  t.end()
})

t.test(
  'on a terminal it is words, and nothing in them can forge a line or steer the terminal',
  (t) => {
    const userId = 'eve\n17:46:40.000 info  request status=200 \x1b[2K\x9b2K\u202e\u2028'
    const [line = ''] = linesOf('info', true, [request({ userId })])
    t.match(
      line,
      /^17:46:40\.000 info {2}request requestId=r method=GET route=\/healthz status=200 /,
    )
    t.equal(line.indexOf('\n'), line.length - 1, 'one line')
    t.match(line, /^[\x20-\x7e]+\n$/)
    t.end()
  },
)

t.test('of an error its name and place are told, never its message', (t) => {
  t.match(describeError(new TypeError('the password was hunter22')), {
    error: 'TypeError',
    at: /^at .*log\.test\.ts/,
  })
  const posing = new Error('bad\n    at hunter22 in the input')
  t.match(describeError(posing), { error: 'Error', at: /^at .*log\.test\.ts/ })
  const { stack = '' } = posing
  posing.message = 'another'
  posing.stack = stack
  t.same(describeError(posing), { error: 'Error', at: '' }, 'a stack that is not of the message')
  posing.stack = 'Error: another'
  t.same(describeError(posing), { error: 'Error', at: '' })
  t.same(describeError('hunter22'), { error: 'string', at: '' })
  t.end()
})

t.test('no field of an event has a name that the line itself uses, or that loggers do', (t) => {
  const taken = ['event', 'time', 'level', 'msg', 'message', 'pid', 'hostname', 'name', 'v']
  for (const [name, { fields }] of Object.entries(EVENTS))
    t.same(
      Object.keys(fields).filter((field) => taken.includes(field)),
      [],
      name,
    )
  t.end()
})

t.test('nothing in JSON can forge a line or steer the terminal it is shown on', (t) => {
  const userId = 'Zoë 👍\n\x1b[2K\x7f\x9b2K\u202e\u2028\ud800'
  const [line = ''] = linesOf('info', false, [request({ userId })])
  t.match(line, /^\{.*"userId":"Zoë 👍\\n\\u001b\[2K\\u007f\\u009b2K\\u202e\\u2028\\ud800"\}\n$/)
  t.equal((JSON.parse(line) as { userId: string }).userId, userId)
  t.end()
})

t.test('the level can change while it logs', (t) => {
  let level: LogLevel = 'warn'
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const log = createLog({ level: () => level, write })
  for (level of ['warn', 'info', 'silent', 'info'] as const) log({ event: 'closing' })
  t.equal(lines.length, 2)
  t.end()
})

t.test('times are those of the clock, to the millisecond', (t) => {
  const lines: string[] = []
  const times = [0, 999, 1_000, 1_900_000_000_007, 1_900_000_000_012.9, 999, -1]
  let ms = 0
  const log = createLog({ clock: { now: () => ms }, write: (line) => void lines.push(line) })
  for (ms of times) log({ event: 'closing' })
  t.same(
    lines.map((line) => (JSON.parse(line) as { time: string }).time),
    times.map((time) => new Date(time).toISOString()),
  )
  t.end()
})

const visible = (text: string): string => text.replaceAll('\x1b', '^')

t.test(
  'colours are those of the level and of the status, and nothing else is between them',
  (t) => {
    const shown = (parts: Parameters<typeof request>[0]): string => {
      const [line = ''] = linesOf('info', true, [request(parts)], { colors: true })
      return /\^\[(\d+)mstatus=\d+\^\[0m/.exec(visible(line))?.[1] ?? ''
    }
    t.same(
      [200, 304, 404, 503, 0].map((status) => shown({ status })),
      ['32', '36', '33', '31', '31'],
    )
    const lines = linesOf('info', true, SAMPLES, { colors: true })
    t.same(
      lines.map((line) => /\^\[(\d+)m(info|warn|error)/.exec(visible(line))?.[1]),
      ['32', '32', '33', '31'],
    )
    const hostile = request({ userId: '\x1b[2K\x1b[0m' })
    const plain = linesOf('info', true, [hostile])
    const colored = linesOf('info', true, [hostile], { colors: true })
    t.same(
      colored.map((line) => visible(line).replaceAll(/\^\[\d+m/g, '')),
      plain,
    )
    t.equal(linesOf('info', false, SAMPLES, { colors: true }).join('').includes('\x1b'), false)
    t.end()
  },
)

t.test('of each line is said whether it can be spared', (t) => {
  const spared: boolean[] = []
  const log = createLog({ write: (_, isSuccess) => void spared.push(isSuccess) })
  for (const event of [request(), request({ reason: 'revoked' }), ...SAMPLES]) log(event)
  t.same(spared, [true, false, false, false, false, false])
  t.end()
})
