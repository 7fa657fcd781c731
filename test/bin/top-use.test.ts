import t from 'tap'
import { runTop } from '../../bin/top-command.js'
import { run } from '../support/command.js'
import { startHttpService } from '../support/services.js'
import { statusAfter } from '../support/snapshots.js'
import { top } from '../support/top-command.js'
import { until } from '../support/until.js'

t.test('wrong use is told with the usage, and exit status 2', async (t) => {
  for (const [args, env, lines] of [
    [['now'], {}, ['there are only options, each with its name (--count N)']],
    [['--toString', '-x'], {}, ['--toString: is no option here', '-x: is no option here']],
    [['--count'], {}, ['--count: needs a value']],
    ...['0', '-1', '1.5', 'x', '1000000000'].map(
      (count) => [[`--count=${count}`], {}, ['--count: must be a whole number from 1 on']] as const,
    ),
    [['--admin-token=hunter22'], {}, ['--admin-token: a secret is never a flag; set ADMIN_TOKEN']],
    [['--admin-url=x'], {}, ['--admin-url or ADMIN_URL: must be http://host[:port]']],
    [[], { ADMIN_TOKEN: 'a\nb' }, ['ADMIN_TOKEN: must be visible characters']],
  ] as const) {
    const running = top([...args], env)
    t.equal(await running.ended, 2, args.join(' '))
    const [told = '', usage = ''] = running.stderr.split('\n\nusage: ')
    t.same(
      told.split('\n'),
      lines.map((line) => `passport-gateway: top: ${line}`),
    )
    t.match(usage, /^passport-gateway top /)
    t.notMatch(running.stderr, 'hunter22')
    t.equal(running.stdout, '')
  }
})

t.test('help is given whatever else is asked for', async (t) => {
  for (const args of [['--help'], ['-h', '--count=x']]) {
    const running = top(args)
    t.equal(await running.ended, 0)
    t.match(running.stdout, /^usage: passport-gateway top .*\[http:\/\/127\.0\.0\.1:8081\]/s)
  }
})

t.test('what cannot be written ends it', async (t) => {
  const { url } = await startHttpService(t, (_, response) =>
    response.end(JSON.stringify(statusAfter(1))),
  )
  for (const [code, told] of [
    ['EPIPE', ''],
    ['ENOSPC', 'passport-gateway: top: standard output cannot be written (ENOSPC)\n'],
  ]) {
    let stderr = ''
    const status = await runTop([], {
      env: { ADMIN_URL: url },
      stdin: (async function* () {})(),
      stdout: { write: (_, taken) => taken?.(Object.assign(new Error(), { code })) },
      stderr: { write: (text) => (stderr += text) },
    })
    t.equal(status, 1)
    t.equal(stderr, told)
  }
  const write = (): never => {
    throw new Error('unforeseen')
  }
  const io = { env: {}, stdin: (async function* () {})(), stdout: { write }, stderr: { write } }
  await t.rejects(runTop(['--help'], io), { message: 'unforeseen' })
})

t.test('a process of it shows a gateway until it is interrupted', async (t) => {
  const { url } = await startHttpService(t, (_, response) =>
    response.end(JSON.stringify(statusAfter(1))),
  )
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const running = run(t, ['top'], { ADMIN_URL: url })
    await until('it shows two frames', () => running.stdout.split('passport-gateway').length === 3)
    running.child.kill(signal)
    t.equal(await running.ended, status)
    t.equal(running.stderr, '')
  }
})
