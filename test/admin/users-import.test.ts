import t, { type Test } from 'tap'
import { startGateway, type RunningGateway } from '../support/gateways.js'
import {
  ADMIN_TOKEN,
  HASH,
  NDJSON,
  operatorOf,
  WITH_ADMIN,
  type Operator,
  type Report,
} from '../support/operator.js'
import { connectRaw, type RawClient } from '../support/raw-client.js'
import { until } from '../support/until.js'

const row = (id: string, more: object = {}): string =>
  JSON.stringify({ user_id: id, email: `${id}@example.com`, password_hash: HASH, ...more })

const start = async (t: Test): Promise<RunningGateway & Operator> => {
  const gateway = await startGateway(t, WITH_ADMIN)
  return { ...gateway, ...operatorOf(gateway) }
}

/** Begins an import whose body is still to come. */
const begin = (t: Test, port: number, ...fields: string[]): RawClient => {
  const client = connectRaw(t, port)
  client.send(
    'POST /v1/users/import HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${ADMIN_TOKEN}`,
    `Content-Type: ${NDJSON['Content-Type']}`,
    'Connection: close',
    ...fields,
    '',
    '',
  )
  return client
}

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

t.test('faulty lines are told by their number, and every other one is imported', async (t) => {
  const { importRows, call, lastRequest } = await start(t)
  const report = await importRows(
    `\ufeff${row('a')}`,
    '',
    ' \t\r',
    `${row('b')}\r`,
    'not JSON',
    '[]',
    'null',
    '"text"',
    `${row('c')} ${row('d')}`,
    row('e', { more: 'x'.repeat(16_384) }),
    row('f', { country: 'XX', disabled: 1 }),
    row('a'),
    row('a', { country: 'DE' }),
    row('g'),
  )
  t.same(report, {
    imported: 3,
    unchanged: 1,
    failed: [
      ...[5, 6, 7, 8, 9].map((line) => ({ line, detail: 'must be a JSON object in UTF-8' })),
      { line: 10, detail: 'must have at most 16384 bytes' },
      { line: 11, field: 'country', detail: 'must be a country code of ISO 3166-1 alpha-2' },
      { line: 11, field: 'disabled', detail: 'must be true or false' },
      { line: 13, field: 'email', detail: 'is taken' },
    ],
    unreported: 0,
  })
  t.match(lastRequest(), { method: 'POST', route: '/v1/users/import', status: 200 })
  for (const id of ['a', 'b', 'g']) t.equal((await call('GET', `/v1/users/${id}`)).status, 200, id)
})

t.test('a line is as long as the limit allows, and not a byte longer', async (t) => {
  const { importRows } = await start(t)
  const exact = row('a').padEnd(16_384)
  t.match(await importRows(exact, `${row('b').padEnd(16_385)}`), {
    imported: 1,
    failed: [{ line: 2 }],
  })
})

t.test('bytes that are not UTF-8 are no JSON', async (t) => {
  const { port } = await start(t)
  const client = begin(t, port, 'Transfer-Encoding: chunked')
  const line = row('a').replace('"user_id":"a"', '"user_id":"\xff"')
  client.send(`${Buffer.from(line, 'latin1').length.toString(16)}\r\n${line}\r\n0\r\n\r\n`)
  t.match(await client.untilClosed(), /"imported":0,"unchanged":0,"failed":\[\{"line":1,"detail"/)
})

t.test('rows are imported as they come, in pieces of any size', async (t) => {
  const { port, call } = await start(t)
  const client = begin(t, port, 'Transfer-Encoding: chunked')
  for (const byte of `${row('a')}\n`) client.send(chunk(byte))
  await until('the first is there', async () => (await call('GET', '/v1/users/a')).status === 200)
  client.send(chunk(`${row('b')}\n${row('c').slice(0, 20)}`))
  client.send(chunk(row('c').slice(20)))
  t.equal((await call('GET', '/v1/users/c')).status, 404)
  client.send('0\r\n\r\n')
  t.match(await client.untilClosed(), /"imported":3,"unchanged":0,"failed":\[\],"unreported":0\}$/)
})

t.test('a client that waits to be asked for the body is asked', async (t) => {
  const { port } = await start(t)
  const line = row('a')
  const client = begin(t, port, 'Expect: 100-continue', `Content-Length: ${line.length}`)
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  client.send(line)
  t.match(await client.untilClosed(), /"imported":1/)
})

t.test('an empty body imports nobody', async (t) => {
  const { port } = await start(t)
  for (const field of ['Content-Length: 0', 'X: no body'])
    t.match(await begin(t, port, field).untilClosed(), /^HTTP\/1\.1 200 [^]*"imported":0/)
})

t.test('a body that stands still is given up, and what came before stays', async (t) => {
  const { port, call, clock, lastRequest } = await start(t)
  const client = begin(t, port, 'Transfer-Encoding: chunked')
  for (const id of ['a', 'b', 'c']) {
    client.send(chunk(`${row(id)}\n`))
    await until(id, async () => (await call('GET', `/v1/users/${id}`)).status === 200)
    clock.advance(9_000) // not too long yet
  }
  client.send(chunk(row('d').slice(0, -1)))
  clock.hurry(t)
  t.match(await client.untilClosed(), /^HTTP\/1\.1 408 [^]*"code":"request_timeout"/)
  await until('it is logged', () => lastRequest()?.status === 408)
  t.equal((await call('GET', '/v1/users/c')).status, 200)
})

t.test('of a client that goes away the line that it was at is not imported', async (t) => {
  const { port, call, events } = await start(t)
  const client = begin(t, port, 'Content-Length: 10000')
  client.send(`${row('a')}\n${row('b')}`)
  await until('the first is there', async () => (await call('GET', '/v1/users/a')).status === 200)
  client.socket.destroy()
  await until('it is logged', () =>
    events.some((event) => event.event === 'request' && event.aborted),
  )
  t.equal((await call('GET', '/v1/users/b')).status, 404)
  t.notOk(events.some(({ event }) => event === 'handler_failed'))
})

t.test('a body is as long as it likes, and its answer is not', async (t) => {
  const { call } = await start(t)
  const line = `${row('a', { more: 'x'.repeat(8_000) })}\n`
  const response = await call('POST', '/v1/users/import', line.repeat(4_000), NDJSON)
  const { failed, unreported } = (await response.json()) as Report
  t.equal(failed.length, 1_000)
  t.equal(unreported, 3_000)
})

t.test('another media type is refused', async (t) => {
  const { call } = await start(t)
  for (const type of ['application/json', 'text/plain', 'application/x-ndjson; charset=latin1', ''])
    t.equal(
      (await call('POST', '/v1/users/import', row('a'), { 'Content-Type': type })).status,
      415,
      type,
    )
  const packed = { ...NDJSON, 'Content-Encoding': 'gzip' }
  t.equal((await call('POST', '/v1/users/import', row('a'), packed)).status, 415)
  const spelt = { 'Content-Type': 'Application/X-NDJSON ; charset="UTF-8"' }
  t.equal((await call('POST', '/v1/users/import', row('a'), spelt)).status, 200)
})
