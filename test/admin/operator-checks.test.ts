import t from 'tap'
import { createOperatorChecks } from '../../lib/admin/operator-checks.js'
import { createHealth, readinessOf } from '../../lib/admin/health.js'
import type { TargetView } from '../../lib/admin/sample.js'
import type { LogEvent } from '../../lib/index.js'
import { bearer, NOWHERE, startGateway } from '../support/gateways.js'
import { operatorOf, WITH_ADMIN } from '../support/operator.js'

t.test('operators are told which targets get no requests, others are not', async (t) => {
  const gateway = await startGateway(t, {
    ...WITH_ADMIN,
    upstream: [NOWHERE, 'http://127.0.0.2:9'],
    ejection: { failures: 1 },
  })
  const { call } = operatorOf(gateway)
  t.same((await (await call('GET', '/readyz')).json()).status, 'ready')
  await (await fetch(`${gateway.origin}/v1/proxy/a`, { headers: bearer() })).text()
  const response = await call('GET', '/readyz')
  t.equal(response.status, 200)
  const { status, checks } = (await response.json()) as {
    status: string
    checks: Array<{ name: string; ready: boolean; reason?: string }>
  }
  t.equal(status, 'degraded')
  t.match(
    checks.find(({ name }) => name === 'targets'),
    { ready: false, reason: /^http:\/\/127\.0\.0\.[12]:9 of \/v1\/proxy\/\* is ejected$/ },
  )
  t.notOk(checks.some(({ name, reason }) => name !== 'targets' && reason !== undefined))
  const others = await (await fetch(`${gateway.origin}/readyz`)).text()
  t.notMatch(others, /targets|reason|127/)
})

t.test('and which files have changed and cannot be used', (t) => {
  const targets: TargetView[] = []
  const { checks, take } = createOperatorChecks(() => targets)
  const reasons = (): Array<string | undefined> =>
    readinessOf(checks, true).checks.map(({ reason }) => reason)
  const steps: Array<[LogEvent, string | undefined]> = [
    [{ event: 'closing' }, undefined],
    [
      { event: 'secrets_reload_failed', option: 'jwtSecretsFile', cause: 'is not JSON' },
      'jwtSecretsFile: is not JSON',
    ],
    [
      { event: 'breached_passwords_reload_failed', cause: 'is missing' },
      'jwtSecretsFile: is not JSON, breached_passwords: is missing',
    ],
    [
      { event: 'secrets_reloaded', option: 'jwtSecretsFile', kids: 'a' },
      'breached_passwords: is missing',
    ],
    [{ event: 'breached_passwords_reloaded' }, undefined],
  ]
  for (const [event, reason] of steps) {
    take(event)
    t.same(reasons(), [undefined, reason])
  }
  t.equal(createHealth(checks).length, 2)
  t.end()
})
