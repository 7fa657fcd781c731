import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { run } from '../support/command.js'
import { createManualClock } from '../support/manual-clock.js'
import { ADMIN_TOKEN } from '../support/operator.js'
import { startHttpService } from '../support/services.js'
import { until } from '../support/until.js'
import { row, startManaged, users } from '../support/users-command.js'

const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
t.teardown(() => rmSync(folder, { recursive: true }))

/** What says that it imported all lines, but where the status of that request is another. */
const startCounter = async (t: Test, statuses: number[] = []) => {
  const counts: number[] = []
  const { url } = await startHttpService(t, (request, response) => {
    if (request.method === 'GET') return void response.end('{"users":[],"next":null}')
    void text(request).then((body) => answer(body, response))
  })
  const answer = (body: string, response: ServerResponse): void => {
    const status = statuses[counts.length] ?? 200
    const imported = body.split('\n').length - 1
    counts.push(imported)
    response.writeHead(status)
    response.end(
      status === 200
        ? JSON.stringify({ imported, unchanged: 0, failed: [], unreported: 0 })
        : '{"code":"busy","detail":"b"}',
    )
  }
  return { counts, env: { ADMIN_TOKEN, ADMIN_URL: url } }
}

const lines = (count: number): string => 'x\n'.repeat(count)

t.test('rows are sent a thousand or a mebibyte at a time', async (t) => {
  const { counts, env } = await startCounter(t)
  const long = `${'x'.repeat(400_000)}\n`
  const { stdout } = await users(['import'], env, [lines(2_100), long.repeat(4), 'last'])
  t.same(counts, [1_000, 1_000, 102 + 1, 1 + 1])
  t.match(JSON.parse(stdout), { imported: 2_105 })
})

t.test('each problem has its line of the whole input', async (t) => {
  const { env } = await startManaged(t)
  const input = Array.from({ length: 2_500 }, (_, i) => row(`u${i + 1}`))
  input[0] = ' \n'
  input[999] = 'x\n'
  input[1_000] = `${'x'.repeat(1_048_577)}\n`
  input[2_400] = row('a', { country: 'XX', disabled: 1 })
  const { stdout, stderr } = await users(['import'], env, [Buffer.from(input.join(''))])
  const report = JSON.parse(stdout) as { failed: Array<{ line: number }> }
  t.match(report, { imported: 2_496, unchanged: 0, unreported: 0 })
  t.same(
    report.failed.map(({ line }) => line),
    [1_000, 1_001, 2_401, 2_401],
  )
  t.match(report.failed[1], { detail: 'must have at most 1048576 bytes' })
  t.match(stderr, /: 3 of the rows were not imported; see failed\n$/)
})

t.test('the report stays bounded', async (t) => {
  const { env } = await startManaged(t)
  const faulty = row('a', { country: 'XX', disabled: 1 })
  const { stdout, stderr } = await users(['import'], env, [lines(999), faulty.repeat(1_002)])
  const { failed, ...counts } = JSON.parse(stdout) as { failed: object[] }
  t.equal(failed.length, 999)
  t.same(counts, { imported: 0, unchanged: 0, unreported: 1_002 })
  t.match(stderr, /: 2001 of the rows were not imported; see failed\n$/)
})

t.test('nothing to import is imported', async (t) => {
  const { env } = await startManaged(t)
  t.match(await users(['import'], env), { status: 0, stdout: /"imported":0/ })
})

t.test('a part that is refused for a while is sent again', async (t) => {
  const { counts, env } = await startCounter(t, [200, 503, 503])
  const clock = createManualClock()
  clock.hurry(t)
  const { status, stdout, stderr } = await users(['import'], env, [lines(1_500)], { clock })
  t.equal(status, 0)
  t.same(counts, [1_000, 500, 500, 500])
  t.match(JSON.parse(stdout), { imported: 1_500 })
  t.match(stderr, /^[^\n]*answers 503 busy: b; it is tried again for 30 s\n$/)
})

t.test('an import that breaks off tells what it did, and that it can be run again', async (t) => {
  const { env } = await startCounter(t, [200, 500])
  const { status, stdout, stderr } = await users(['import'], env, [lines(1_500)])
  t.equal(status, 1)
  t.match(JSON.parse(stdout), { imported: 1_000 })
  t.match(
    stderr,
    /500 busy: b; the lines up to 1000 are done: run it again, and they are unchanged\n$/,
  )
})

const LINES_DONE = 'the lines up to 1000 are done: run it again, and they are unchanged'

t.test(
  'an interrupt ends an import that waits for the gateway, after the report so far',
  async (t) => {
    const { counts, env } = await startCounter(t, [200, 503])
    const clock = createManualClock()
    const signals = new EventEmitter()
    const once = (name: string, act: () => void) => signals.once(name, act)
    const off = (name: string, act: () => void) => signals.off(name, act)
    const running = users(['import'], env, [lines(2_500)], { clock, once, off })
    await until('it waits', () => clock.sleepers === 1)
    signals.emit('SIGINT')
    t.equal(signals.listenerCount('SIGINT'), 0, 'the second one is nothing that it waits for')
    const { status, stdout, stderr } = await running
    t.equal(status, 130)
    t.match(JSON.parse(stdout), { imported: 1_000 })
    t.ok(stderr.endsWith(`: interrupted; ${LINES_DONE}\n`))
    t.same(counts, [1_000, 1_000], 'nothing more is sent')
  },
)

t.test('an interrupt ends the built command while it waits for its input', async (t) => {
  const { counts, env } = await startCounter(t)
  const running = run(t, ['users', 'import'], env, 'open')
  running.child.stdin?.write(lines(2_500))
  await until('the first part is done', () => counts.length === 2)
  running.child.kill('SIGINT')
  t.equal(await running.ended, 130)
  await until('it is told', () => running.stderr !== '' && running.stdout !== '')
  const { imported } = JSON.parse(running.stdout) as { imported: number }
  t.match(running.stderr, ` interrupted; the lines up to ${imported} are done: run it again`)
})

t.test('what nobody foresaw is not taken for a failure of the gateway', async (t) => {
  const { env } = await startCounter(t)
  const given = [undefined as unknown as string]
  await t.rejects(users(['import'], env, given), TypeError)
})

t.test('a terminal is shown how far it is', async (t) => {
  const { env } = await startCounter(t, [200, 503])
  const file = join(folder, 'rows.ndjson')
  writeFileSync(file, lines(2_000))
  const clock = createManualClock()
  clock.hurry(t)
  const { stderr } = await users(['import', file], env, [], { clock, isTTY: true })
  const shown = stderr.split('\r\u001b[K')
  t.match(shown[1], /^\[#{12}-{12}\] 50 % 1000 rows/)
  t.match(shown[2], /^passport-gateway: users: .*tried again for 30 s\n$/)
  t.match(shown.at(-1), /^\[#{24}\] 100 % 2000 rows( \d+ rows\/s)?\n$/)
})
