import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WriteStream } from 'node:tty'
import t, { type Test } from 'tap'
import { startLog, type LogProcess, type LogSharing } from '../../bin/start-log.js'
import type { LogEvent } from '../../lib/log.js'

/** What a process logs until it ends, and what it says of it. */
const logged = (
  t: Test,
  stdout: Partial<LogProcess['stdout']>,
  flags = 'w',
  events: readonly LogEvent[] = [{ event: 'closing' }],
  sharing?: LogSharing,
): [string, string] => {
  const path = join(t.testdir({ log: '' }), 'log')
  const fd = openSync(path, flags)
  const exits: Array<() => void> = []
  let stderr = ''
  const log = startLog(
    {
      stdout: { fd, ...stdout },
      stderr: { write: (text) => (stderr += text) },
      on: (_, act) => exits.push(act),
    },
    () => 'info',
    sharing,
  )
  for (const event of events) log(event)
  for (const act of exits) act()
  closeSync(fd)
  return [readFileSync(path, 'utf8'), stderr]
}

t.test('a file gets JSON', (t) => {
  const [text, stderr] = logged(t, {})
  t.match(text, /^\{"time":"[^"]+","level":"info","event":"closing"\}\n$/)
  t.equal(stderr, '')
  t.end()
})

t.test('a terminal gets words, in colour where it has them and nobody wants none', (t) => {
  const rows: ReadonlyArray<readonly [NodeJS.ProcessEnv, boolean]> = [
    [{ TERM: 'xterm' }, true],
    [{ TERM: 'xterm', NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'dumb', FORCE_COLOR: '1' }, true],
    [{ TERM: 'xterm', FORCE_COLOR: '0' }, false],
  ]
  const terminal = Object.create(WriteStream.prototype) as WriteStream
  for (const [env, isColored] of rows) {
    const hasColors = (): boolean => terminal.hasColors(16, env)
    const [text] = logged(t, { isTTY: true, hasColors })
    t.equal(text.includes('\x1b['), isColored, JSON.stringify(env))
    t.match(text, /closing/)
    t.notMatch(text, /\{/)
  }
  const [plain] = logged(t, { hasColors: () => true })
  t.match(plain, /^\{/, 'what is no terminal gets JSON, without colours')
  t.end()
})

t.test('what nobody took in the end is told', (t) => {
  const [text, stderr] = logged(t, {}, 'r')
  t.equal(text, '')
  t.match(stderr, /^passport-gateway: nobody took \d\d bytes of the log\n$/)
  t.end()
})

t.test('what had no room is counted, in a line', (t) => {
  const at = 'x'.repeat(1024 * 1024)
  const events = Array.from({ length: 10 }, () => {
    return { event: 'handler_failed', requestId: 'r', error: 'Error', at } as const
  })
  const [text, stderr] = logged(t, {}, 'w', events)
  const lines = text.split('\n')
  t.match(lines.at(-2), /"level":"error","event":"log_dropped","lines":3,"successes":0\}$/)
  t.equal(lines.length - 2, 7)
  t.equal(stderr, '')
  t.end()
})

t.test('each line of a worker says which it is', (t) => {
  const events = [{ event: 'closing' }, { event: 'closed', cutConnections: false }] as const
  const [text] = logged(t, {}, 'w', events, { worker: 3 })
  t.same(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
      .map((line) => ({ ...line, time: '' })),
    [
      { time: '', level: 'info', event: 'closing', worker: 3 },
      { time: '', level: 'info', event: 'closed', cutConnections: false, worker: 3 },
    ],
  )
  const [words] = logged(t, { isTTY: true }, 'w', events, { worker: 3 })
  t.match(words, /closed cutConnections=false worker=3\n$/)
  const [own] = logged(t, {}, 'w', events, {})
  t.notMatch(own, /worker/, 'those of the primary do not')
  t.end()
})
