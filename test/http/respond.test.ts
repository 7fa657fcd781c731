import t from 'tap'
import { sendNoContent, tryWriteHead } from '../../lib/http/respond.js'
import { serve } from '../support/entrance.js'

t.test('a head that node does not write is told, and another can be written', async (t) => {
  const told: Array<string | undefined> = []
  const { port } = await serve(t, (exchange) => {
    told.push(tryWriteHead(exchange, 200, 'a\n', []))
    told.push(tryWriteHead(exchange, 200, 'OK', ['A', 'b\n']))
    sendNoContent(exchange)
  })
  const { status } = await fetch(`http://127.0.0.1:${port}/`)
  t.equal(status, 204)
  t.same(told, ['ERR_INVALID_CHAR', 'ERR_INVALID_CHAR'])
})
