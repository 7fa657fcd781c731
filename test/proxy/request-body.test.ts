import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { RequestBody } from '../../lib/proxy/request-body.js'
import { startRawService } from '../support/services.js'
import { until } from '../support/until.js'

const open = async (t: Test, isChunked: boolean) => {
  const service = await startRawService(t, () => {})
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  t.teardown(() => void socket.destroy())
  await once(socket, 'connect')
  const body = new RequestBody(socket, isChunked)
  return { body, socket, service, received: () => service.connections[0]?.received ?? '' }
}

t.test('a body is written in its framing', async (t) => {
  for (const isChunked of [false, true]) {
    const { body, received } = await open(t, isChunked)
    let taken = 0
    t.ok(body.write(Buffer.from('hello')))
    t.ok(
      body.write(Buffer.alloc(0), () => taken++),
      'an empty chunk would be the last',
    )
    t.ok(body.write(Buffer.from('0123456789abcdef'), () => taken++))
    body.addTrailers([
      ['A', 'b'],
      ['C', '\xe9'],
    ])
    t.notOk(body.isSent)
    let sent = 0
    body.end(() => sent++)
    body.end(() => sent++)
    body.write(Buffer.from('behind the end'))
    await until('it is sent', () => body.isSent && taken === 1)
    t.equal(sent, 1)
    t.equal(taken, 1)
    t.equal(body.writableLength, 0)
    const expected = isChunked
      ? '5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\nC: \xe9\r\n\r\n'
      : 'hello0123456789abcdef'
    await until('it is there', () => received().length >= expected.length)
    t.equal(received(), expected)
  }
})

t.test('who writes more than is taken is told when to go on', async (t) => {
  for (const isChunked of [false, true]) {
    const { body, service } = await open(t, isChunked)
    await until('there is a connection', () => service.connections.length === 1)
    service.connections[0]?.socket.pause()
    const piece = Buffer.alloc(1_000_000)
    await until('it is full', () => !body.write(piece) && body.writableLength > 5_000_000)
    let drained = 0
    const count = (): void => void drained++
    body.on('drain', count)
    service.connections[0]?.socket.resume()
    await until('there is room', () => drained > 0)
    body.off('drain', count)
  }
})

t.test('one whose connection is cut is not sent', async (t) => {
  for (const isChunked of [false, true]) {
    const { body, socket } = await open(t, isChunked)
    socket.on('error', () => {})
    const isClosed = new Promise((resolve) => void socket.once('close', resolve))
    socket.destroy()
    body.end(() => t.fail('it is not'))
    await isClosed
    t.notOk(body.isSent)
  }
})

t.test('what is here when the request departs goes with its head, up to a bound', async (t) => {
  for (const isChunked of [false, true]) {
    const { body, received } = await open(t, isChunked)
    body.begin('HEAD')
    t.ok(body.write(Buffer.alloc(100_000, 'a')), 'there is room for more')
    let drained = 0
    body.on('drain', () => drained++)
    t.notOk(body.write(Buffer.alloc(50_000, 'b')), 'and then there is not')
    let sent = 0
    body.end(() => sent++)
    t.equal(sent, 0)
    await new Promise(setImmediate)
    t.equal(received(), '', 'nothing goes before')
    body.depart()
    await until('it is sent', () => sent === 1 && drained === 1)
    const framed = (text: string): string =>
      isChunked ? `${text.length.toString(16)}\r\n${text}\r\n` : text
    const expected = `HEAD${framed('a'.repeat(100_000))}${framed('b'.repeat(50_000))}${isChunked ? '0\r\n\r\n' : ''}`
    await until('all is there', () => received().length === expected.length)
    t.ok(received() === expected)
  }
})
