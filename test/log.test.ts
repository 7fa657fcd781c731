import t from 'tap'
import { createLog, describeError, LOG_LEVELS, type LogEvent, type LogLevel } from '../lib/log.js'
import { createManualClock } from './support/manual-clock.js'

const EVENTS: LogEvent[] = [
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

const linesOf = (level: LogLevel, readable: boolean, events = EVENTS): string[] => {
  const lines: string[] = []
  const clock = createManualClock()
  const log = createLog({ level, clock, write: (line) => void lines.push(line), readable })
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
    const [line = ''] = linesOf('info', true, [
      {
        event: 'request',
        requestId: 'r',
        method: 'GET',
        route: '/healthz',
        status: 200,
        durationMs: 1.5,
        aborted: false,
        userId,
      },
    ])
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
