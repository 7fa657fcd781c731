import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { adminPortOf } from '../../lib/admin-options.js'
import { originOf, run } from '../support/command.js'
import { NOWHERE, SECRET } from '../support/gateways.js'
import { ADMIN_TOKEN } from '../support/operator.js'

t.test('operators see where each option came from', async (t) => {
  const file = join(t.testdir(), 'options.json')
  writeFileSync(
    file,
    JSON.stringify({ upstream: NOWHERE, timeouts: { connectMs: 5, idleBodyMs: 7 }, port: 1 }),
  )
  const args = ['--config', file, '--port', '0', '--admin-port', '0', '--demo']
  const env = { JWT_SECRET: SECRET, ADMIN_TOKEN, TIMEOUTS_CONNECT_MS: '6' }
  const running = run(t, args, env)
  await originOf(running)
  const port = /"event":"admin_listening","host":"[^"]*","port":(\d+)/.exec(running.stdout)?.[1]
  const response = await fetch(`http://127.0.0.1:${port}/config`, {
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  const { options } = (await response.json()) as {
    options: Array<{ option: string; value: unknown; source: string }>
  }
  const sourceOf = (name: string): string | undefined =>
    options.find(({ option }) => option === name)?.source
  t.equal(sourceOf('upstream'), `file ${file}`)
  t.equal(sourceOf('timeouts.idleBodyMs'), `file ${file}`)
  t.equal(sourceOf('timeouts.connectMs'), 'variable TIMEOUTS_CONNECT_MS')
  t.equal(sourceOf('jwtSecret'), 'variable JWT_SECRET')
  t.equal(sourceOf('admin.port'), 'flag --admin-port')
  t.equal(sourceOf('timeouts.keepAliveMs'), 'default')
  t.match(running.stderr, `status page: http://127.0.0.1:${port}/\n`)
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('the demonstration shows its status page without being asked to', async (t) => {
  const running = run(t, ['--demo', '--port', '0'])
  await originOf(running)
  const page = /status page: (\S+)\n/.exec(running.stderr)?.[1] ?? ''
  t.match(await (await fetch(page)).text(), /^<!doctype html>/i)
  running.child.kill('SIGTERM')
  t.equal(await running.ended, 0)
})

t.test('operators are listened to where a token or a port is given', (t) => {
  t.equal(adminPortOf({ admin: {} }), undefined)
  t.equal(adminPortOf({ admin: {}, adminToken: ADMIN_TOKEN }), 8081)
  t.equal(adminPortOf({ admin: { port: 0 } }), 0)
  t.end()
})
