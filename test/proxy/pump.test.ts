import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import { Pump } from '../../lib/proxy/pump.js'
import { StreamSource } from '../../lib/proxy/stream-source.js'
import { until } from '../support/until.js'

t.test('of small pieces few are under way at once, as each is an object of its own', async (t) => {
  let written = ''
  let finish: Array<() => void> = []
  const to = new Writable({
    highWaterMark: 1_000_000,
    write: (piece: Buffer, _, done) => {
      written += piece.toString()
      finish.push(done)
    },
  })
  const from = new PassThrough()
  const turns: boolean[] = []
  let isAtEnd = false
  const pump = new Pump(new StreamSource(from), to, {
    turned: (isBlocked) => turns.push(isBlocked),
    moved: () => {},
    ended: () => (isAtEnd = true),
  })
  const sent = Array.from({ length: 500 }, (_, i) => `${i} `)
  for (const piece of sent) {
    from.write(piece)
    await new Promise(setImmediate)
  }
  from.end()
  t.equal(pump.isBlocked, true)
  t.ok(to.writableLength < 300, `${to.writableLength} bytes wait`)
  await until('all has come', () => {
    const due = finish
    finish = []
    for (const done of due) done()
    return isAtEnd && to.writableLength === 0
  })
  t.equal(written, sent.join(''))
  t.equal(pump.isBlocked, false)
  t.ok(turns.length >= 2)
})

t.test('once it is stopped nothing begins again', async (t) => {
  const finish: Array<() => void> = []
  const to = new Writable({ write: (_piece, _, done) => void finish.push(done) })
  const from = new PassThrough()
  const turns: boolean[] = []
  const pump = new Pump(new StreamSource(from), to, {
    turned: (isBlocked) => turns.push(isBlocked),
    moved: () => {},
    ended: () => {},
  })
  for (let i = 0; i < 100; i++) {
    from.write('a')
    await new Promise(setImmediate)
  }
  t.same(turns, [true])
  pump.stop()
  while (finish.length > 0) {
    finish.pop()?.()
    await new Promise(setImmediate)
  }
  t.equal(to.writableLength, 0)
  t.same(turns, [true])
})
