import t from 'tap'
import type { Snapshot } from '../../lib/admin/snapshot.js'
import { ADA, tokenOf } from '../support/accounts.js'
import { bearer, postJson } from '../support/gateways.js'
import { startMembers, type MemberGateway } from '../support/member-gateways.js'
import { until } from '../support/until.js'

const textOf = async ({ operator }: MemberGateway, path: string): Promise<string> =>
  (await operator.call('GET', path)).text()

const valueIn = (metrics: string, series: string): number =>
  Number(
    metrics
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1),
  )

const statusOf = async (origin: string, token: string): Promise<number> => {
  const response = await fetch(`${origin}/v1/auth/me`, { headers: bearer(token) })
  await response.arrayBuffer()
  return response.status
}

t.test('workers without a store have users, revocations and counts in common', async (t) => {
  const { members } = await startMembers(t, 2)
  const [one, other] = members as [MemberGateway, MemberGateway]
  const key = { 'Idempotency-Key': 'at-both-at-once' }
  const answers = await Promise.all(
    [one, other].map(({ origin }) => postJson(`${origin}/v1/auth/signup`, ADA, key)),
  )
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  t.match(bodies[0], /"token":/)
  t.equal(bodies[0], bodies[1], 'one signup, and the same bytes for both')
  const token = await tokenOf(await postJson(`${other.origin}/v1/auth/login`, ADA))
  t.equal(await statusOf(one.origin, token), 200)
  t.equal((await postJson(`${one.origin}/v1/auth/logout`, '', bearer(token))).status, 204)
  await until('the other knows', async () => (await statusOf(other.origin, token)) === 401)
  const guess = async (i: number): Promise<number> => {
    const { origin } = i % 2 ? one : other
    return (await postJson(`${origin}/v1/auth/login`, { ...ADA, email: 'b@b.c' })).status
  }
  const guesses = await Promise.all(Array.from({ length: 14 }, (_, i) => guess(i)))
  t.equal(guesses.filter((status) => status === 401).length, 10, 'attempts add up')
})

t.test('what is in memory outlives a worker, and who takes its place has all', async (t) => {
  const { members, workers, events } = await startMembers(t, 2)
  const [one] = members as [MemberGateway]
  const token = await tokenOf(await postJson(`${one.origin}/v1/auth/signup`, ADA))
  t.equal((await postJson(`${one.origin}/v1/auth/logout`, '', bearer(token))).status, 204)
  workers[0]?.end('SIGKILL')
  await until('it is replaced', () => members.length === 3)
  const { origin } = members[2] as MemberGateway
  t.equal(await statusOf(origin, token), 401, 'also what was revoked before')
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 200)
  t.match(
    events.filter(({ event }) => event === 'worker_ended'),
    [{ worker: 1, cause: 'SIGKILL' }],
  )
})

t.test('operators see the sum, whichever worker they ask', async (t) => {
  const { members, workers } = await startMembers(t, 2)
  for (const [i, { origin }] of members.entries())
    for (let n = 0; n <= i; n++) await (await fetch(`${origin}/healthz`)).text()
  const total =
    'passport_gateway_request_duration_seconds_count' +
    '{route="/healthz",method="GET",status="2xx"}'
  for (const member of members) {
    await until('it is told', async () => valueIn(await textOf(member, '/metrics'), total) === 3)
    const metrics = await textOf(member, '/metrics')
    t.equal(valueIn(metrics, 'passport_gateway_workers'), 2)
    for (const name of ['1', '2'])
      t.ok(valueIn(metrics, `process_resident_memory_bytes{worker="${name}"}`) > 1e6, name)
    t.equal(valueIn(metrics, 'own{worker="primary"}'), 1)
    t.match(JSON.parse(await textOf(member, '/targets')), {
      targets: [{ route: '/v1/proxy/*', state: 'up', in_flight: 0 }],
    })
  }
  const [one] = members as [MemberGateway]
  const second = workers[1]
  if (second) second.isDeaf = true
  const metrics = await textOf(one, '/metrics')
  t.equal(valueIn(metrics, total), 3, 'as it was told last')
  t.equal(valueIn(metrics, 'passport_gateway_workers_silent'), 1)
  if (second) second.isDeaf = false
})

t.test('so they do on the status page, also of workers that have gone', async (t) => {
  const { members, primary } = await startMembers(t, 2)
  const statusOfAll = async (member: MemberGateway) =>
    JSON.parse(await textOf(member, '/v1/status')) as { started_at: number; history: Snapshot[] }
  const [one] = members as [MemberGateway]
  for (const { origin } of members) await (await fetch(`${origin}/v1/proxy/`)).text()
  const refused = (history: readonly Snapshot[]): unknown => history.at(-1)?.refusals[0]?.total
  await until('both are told', async () => refused((await statusOfAll(one)).history) === 2)
  const { started_at: startedAt } = await statusOfAll(one)
  const events = await one.operator.call('GET', '/v1/status/events')
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader()
  const { value = '' } = (await reader?.read()) ?? {}
  t.match(value, /^event: snapshot\ndata: \{"at":\d+,.*"total":2.*\}\n\n$/)
  await reader?.cancel()
  await primary.replaceAll(2)
  const next = members.at(-1) as MemberGateway
  const status = await statusOfAll(next)
  t.equal(status.started_at, startedAt)
  t.equal(refused(status.history), 2)
  t.ok(status.history.length > 1)
})

t.test('each worker has its place, and port 0 is found once', async (t) => {
  const { workers, ports, primary, members } = await startMembers(t, 2)
  t.same(
    workers.map(({ place }) => place),
    [1, 2].map((slot) => ({
      slot,
      count: 2,
      stopgaps: [['upstream', 'http://127.0.0.1:9']],
      ports: { port: 0, admin: 0 },
    })),
  )
  await primary.replaceAll(1)
  t.match(workers[2]?.place, { slot: 1, count: 1, ports: { port: 0, admin: 0 } })
  workers[2]?.end('SIGKILL')
  await until('it is replaced', () => members.length === 4)
  t.same(workers[3]?.place?.ports, ports, 'nobody has it any more')
  primary.kill()
  t.equal(workers[3]?.wasKilled, true)
})

t.test('a worker whose primary has gone asks nobody, and is to end', async (t) => {
  const { members } = await startMembers(t, 1)
  const [{ worker, origin, operator }] = members as [MemberGateway]
  worker.isStubborn = true
  worker.member.leave()
  t.equal(await worker.member.closing, 0)
  t.equal((await postJson(`${origin}/v1/auth/login`, ADA)).status, 503)
  t.equal((await operator.call('GET', '/metrics')).status, 503)
  t.ok(worker.member.figures().length > 20)
  worker.end('exit status 0')
})
