import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { frameOf, type View } from '../../bin/top-text.js'
import { amount, bytes, duration, sparkline, timeSpan } from '../../bin/top-figures.js'
import { snapshotAt, statusAfter } from '../support/snapshots.js'

const SMALL = { columns: 80, rows: 24, isColoured: false }
const adminUrl = 'http://127.0.0.1:8081'
const view = (status: View['status'], failure?: string): View => ({ adminUrl, status, failure })
const trimmed = (lines: readonly string[]): string[] => lines.map((line) => line.trimEnd())

const EXPECTED = `
passport-gateway 1.2.3  http://127.0.0.1:8081              up 00:00:10  17:46:50
ready   overload none
requests       10/s                                                   ▂▃▄▄▅▆▆▇██
p99          123 ms                                                   ███ ███ ██
latency   p50 1.23 ms   p95 12.3 ms   p99 123 ms
statuses  2xx 12.3k/s   4xx 1/s   5xx 0.25/s
open      10 connections   4 requests   2 streams   hashing 1, 3 waiting
load      CPU 13.3 %   loop delay 1.2 ms   memory 70.1 MB   heap 512 B

ROUTE              TARGET             STATE    OPEN  REQ/S  SHARE     P95 FAILED
/v1/proxy/a-route… https://service.o… down        0      0    0 %  45.7 s      0
/v1/proxy/*        127.0.0.1:4001     ejected     0   12.5   50 %       -   100k
/v1/proxy/*        127.0.0.1:4000     up          3   12.5   50 %  3.1 ms      2

REFUSAL                                 TOTAL PER SECOND
expired                                 1.23M        0.2
no_token                                    7          0

REFUSED  METHOD  STATUS REASON                   ROUTE
17:46:50 GET     401    expired                  /v1/proxy/*
17:46:49 GET     401    expired                  /v1/proxy/*
17:46:48 GET     401    expired                  /v1/proxy/*
17:46:47 GET     401    expired                  /v1/proxy/*
17:46:46 GET     401    expired                  /v1/proxy/*
`

t.test('a terminal of 80 by 24 is filled', (t) => {
  const lines = frameOf(view(statusAfter(10)), SMALL)
  t.ok(lines.every((line) => line.length === 80))
  t.same(trimmed(lines), EXPECTED.split('\n').slice(1, -1))
  t.equal(lines.length, 24)
  t.end()
})

t.test('where there is more room there is more to see', (t) => {
  const lines = trimmed(frameOf(view(statusAfter(70)), { ...SMALL, columns: 130, rows: 40 }))
  t.equal(lines.length, 39)
  t.match(lines[2], / {2}at most 70\/s$/)
  t.equal(lines[2]?.slice(20, 80), sparkline(Array.from({ length: 60 }, (_, i) => i + 11)))
  t.match(lines[9], /^ROUTE {30}TARGET/)
  t.match(lines.at(-1), /expired {18}\/v1\/proxy\/\* +0b0c7c62-7a3f-4e8c-9e9c-000000000029$/)
  t.end()
})

t.test('nothing is ever larger than the terminal', (t) => {
  for (const columns of [1, 2, 10, 20, 21, 40, 79, 81, 109, 111, 300])
    for (const rows of [1, 2, 5, 8, 10, 11, 12, 20, 100]) {
      const lines = frameOf(view(statusAfter(60)), { ...SMALL, columns, rows })
      t.ok(lines.length <= rows, `${columns}x${rows}`)
      for (const line of lines)
        if (line.length !== columns) t.fail(`${columns}x${rows}: ${line.length} of ${columns}`)
    }
  t.end()
})

t.test('what is wrong is said in words, and in colours where those are', (t) => {
  const ready = {
    status: 'not_ready' as const,
    checks: [
      { name: 'accepting', ready: true },
      { name: 'store', ready: false },
      { name: 'upstream', ready: false },
    ],
  }
  const status = statusAfter(1, { ready, overload: 'hard' })
  const plain = frameOf(view(status), SMALL)
  t.equal(plain[1]?.trim(), 'not ready (store, upstream not ready)   overload hard')
  const lines = frameOf(view(status), { ...SMALL, isColoured: true })
  const bad = (text: string): string => `\u001b[31;1m${text}\u001b[0m`
  t.ok(lines[1]?.startsWith(bad('not ready (store, upstream not ready)')))
  t.ok(lines[1]?.includes(bad('overload hard')))
  t.ok(lines[5]?.includes(bad('5xx 0.25/s')))
  for (const state of [
    bad('down   '),
    '\u001b[33;1mejected\u001b[0m',
    '\u001b[32mup     \u001b[0m',
  ])
    t.ok(
      lines.some((line) => line.includes(state.replace('33;1', '33'))),
      state,
    )
  t.same(
    lines.map((line) => stripVTControlCharacters(line)),
    plain,
  )
  const gone = frameOf(view(status, 'no answer'), { ...SMALL, isColoured: true })
  t.ok(gone[1]?.startsWith(bad('no answer')))
  t.same(gone.slice(2), lines.slice(2), 'what was known last stays')
  t.end()
})

t.test('before there are figures that is said', (t) => {
  t.same(trimmed(frameOf(view(statusAfter(0)), SMALL)), [
    'passport-gateway 1.2.3  http://127.0.0.1:8081',
    'there are no figures yet',
  ])
  const quiet = statusAfter(1, { targets: [], refusals: [], newest_refusals: [] })
  t.equal(frameOf(view(quiet), SMALL).length, 8)
  t.end()
})

t.test('nothing that a gateway names steers the terminal or moves what stands beside it', (t) => {
  const evil = 'a\u001b[2J\u009b31m\u202e\u0000\n\t\u{1f600}中'
  const [target] = snapshotAt(1).targets
  const [refusal] = snapshotAt(1).newest_refusals
  const status = statusAfter(3, {
    ready: { status: 'degraded', checks: [{ name: evil, ready: false }] },
    refusals: [{ reason: evil, total: 1, per_second: 1 }],
    targets: target ? [{ ...target, route: evil, target: evil }] : [],
    newest_refusals: refusal
      ? [{ ...refusal, at: 1e300, request_id: evil, method: evil, route: evil, reason: evil }]
      : [],
    requests: { ...snapshotAt(1).requests, by_status: { [evil]: 1e300 } },
  })
  for (const columns of [80, 200]) {
    const lines = frameOf(view({ ...status, version: evil }), { ...SMALL, columns })
    t.match(lines.join(''), 'a?[2J?31m?')
    for (const line of lines) {
      t.match(line, /^[\x20-\x7e▁-█…]*$/)
      t.equal(line.length, columns)
    }
  }
  t.end()
})

t.test('a figure is short whatever it is', (t) => {
  const rows: Array<[string, string]> = [
    [amount(0), '0'],
    [amount(9.994), '9.99'],
    [amount(9.996), '10'],
    [amount(99.96), '100'],
    [amount(999.4), '999'],
    [amount(999.6), '1k'],
    [amount(1.5e9), '1.5G'],
    [amount(1e300), '>999T'],
    [duration(null), '-'],
    [duration(0.05), '0.05 ms'],
    [duration(999.6), '1 s'],
    [duration(1e300), '>999T s'],
    [bytes(512), '512 B'],
    [bytes(70_123_456), '70.1 MB'],
    [timeSpan(86_399.9), '23:59:59'],
    [timeSpan(93_784), '1d 02:03:04'],
    [sparkline([]), ''],
    [sparkline([0, null, 0]), '▁ ▁'],
    [sparkline([0, 1, 2, 3, 4, 5, 6, 7]), '▁▂▃▄▅▆▇█'],
    [sparkline([0, 0.001, 100]), '▁▂█'],
  ]
  for (const [told, expected] of rows) t.equal(told, expected)
  t.end()
})
