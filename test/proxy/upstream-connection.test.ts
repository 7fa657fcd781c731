import { once } from 'node:events'
import t from 'tap'
import { Connection } from '../../lib/proxy/upstream-connection.js'
import { startRawService } from '../support/services.js'
import { until } from '../support/until.js'

t.test(
  'its user hears of the end behind the last byte, though he reads one at a time',
  async (t) => {
    const service = await startRawService(t, ({ socket }) => void socket.end('abc'))
    for (const into of [undefined, Buffer.alloc(64)]) {
      const connection = new Connection({
        connect: { host: '127.0.0.1', port: Number(new URL(service.url).port) },
        isSecure: false,
        into,
        onClosed: () => {},
      })
      const heard: string[] = []
      connection.use({
        connected: () => void connection.socket.write('x'),
        received: (bytes) => {
          heard.push(bytes.toString('latin1', 0, 1))
          connection.pause()
          setImmediate(() => {
            connection.resume()
            connection.resume()
            // It may come as soon as it was said that more is wanted.
            if (heard.length === 1) connection.socket.emit('end')
          })
          return 1
        },
        halfClosed: () => {
          heard.push('END')
          connection.destroy()
        },
        closed: (cause) => void heard.push(cause),
      })
      await once(connection.socket, 'close')
      await until('the end', () => heard.includes('END'))
      t.same(heard, ['a', 'b', 'c', 'END'])
    }
  },
)

t.test('what is paused for one turn stays so for whoever pauses it in that turn', async (t) => {
  const service = await startRawService(t, ({ socket }) => void socket.write('a'))
  const connection = new Connection({
    connect: { host: '127.0.0.1', port: Number(new URL(service.url).port) },
    isSecure: false,
    into: Buffer.alloc(64),
    onClosed: () => {},
  })
  t.teardown(() => connection.destroy())
  let heard = ''
  connection.use({
    connected: () => void connection.socket.write('x'),
    received: (bytes) => {
      heard += bytes.toString('latin1')
      connection.readShortly()
      return bytes.length
    },
    halfClosed: () => {},
    closed: () => {},
  })
  await until('it has begun', () => heard === 'a')
  connection.pause()
  service.connections[0]?.socket.write('b')
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(heard, 'a')
  connection.resume()
  await until('it goes on', () => heard === 'ab')
})
