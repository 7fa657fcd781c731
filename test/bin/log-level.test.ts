import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { UsageError } from '../../bin/command-line.js'
import { createReloadedLevel } from '../../bin/log-level.js'
import type { LogEvent, LogLevel } from '../../lib/log.js'
import { originOf, run } from '../support/command.js'
import { SECRET } from '../support/gateways.js'
import { until } from '../support/until.js'

t.test('another level is told under the one of the two that has more', (t) => {
  let next: LogLevel = 'info'
  const told: unknown[] = []
  const level = createReloadedLevel('info', () => next)
  const log = (event: LogEvent): void => void told.push({ ...event, under: level.current() })
  for (next of ['info', 'error', 'error', 'debug'] as const) level.reload(log)
  t.same(told, [
    { event: 'log_level_changed', from: 'info', to: 'error', under: 'info' },
    { event: 'log_level_changed', from: 'error', to: 'debug', under: 'debug' },
  ])
  t.equal(level.current(), 'debug')
  t.end()
})

t.test(
  'what cannot be used leaves the level as it is, and what is no such error is thrown',
  (t) => {
    const events: LogEvent[] = []
    let error: Error = new UsageError(['a: is no option', 'b: too'])
    const level = createReloadedLevel('warn', () => {
      throw error
    })
    level.reload((event) => void events.push(event))
    t.same(events, [{ event: 'config_reload_failed', cause: 'a: is no option; b: too' }])
    t.equal(level.current(), 'warn')
    error = new TypeError('unforeseen')
    t.throws(() => level.reload(() => {}), error)
    t.end()
  },
)

t.test(
  'on SIGHUP the level is that of the file, unless a flag or the environment has it',
  async (t) => {
    const file = join(t.testdir(), 'options.json')
    const put = (options: object): void => writeFileSync(file, JSON.stringify(options))
    const env = { JWT_SECRET: SECRET, UPSTREAM_URL: 'http://127.0.0.1:9' }
    put({})
    const running = run(t, ['--port=0', '--config', file], env)
    const origin = await originOf(running)
    const requests = (): number => running.stdout.split('"event":"request"').length - 1
    await fetch(`${origin}/healthz`)
    await until('it is logged', () => requests() === 1)

    put({ logLevel: 'warn' })
    running.child.kill('SIGHUP')
    await until('it is told', () => running.stdout.includes('"from":"info","to":"warn"'))
    await fetch(`${origin}/healthz`)

    put({ logLevel: 'loud', jwtSecret: 'hunter22' })
    running.child.kill('SIGHUP')
    await until('it is told', () => running.stdout.includes('"event":"config_reload_failed"'))
    t.match(running.stdout, /"cause":"[^"]*options\.json: jwtSecret: [^"]*logLevel: must be one of/)
    t.notMatch(running.stdout, /hunter22|loud/)
    await fetch(`${origin}/healthz`)
    t.equal(requests(), 1, 'the old level stays')

    put({ logLevel: 'debug' })
    running.child.kill('SIGHUP')
    await until('it is told', () => running.stdout.includes('"from":"warn","to":"debug"'))
    await fetch(`${origin}/healthz`)
    await until('it is logged', () => requests() === 2)
    running.child.kill('SIGTERM')
    t.equal(await running.ended, 0)

    const flagged = run(t, ['--port=0', '--config', file, '--log-level=info'], env)
    await originOf(flagged)
    put({ logLevel: 'silent' })
    flagged.child.kill('SIGHUP')
    flagged.child.kill('SIGTERM')
    t.equal(await flagged.ended, 0)
    t.match(flagged.stdout, /"event":"closed"/)
  },
)
