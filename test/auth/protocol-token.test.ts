import t from 'tap'
import { protocolToken } from '../../lib/auth/protocol-token.js'
import { heapBytes } from '../support/heap.js'

const COUNT = 2_000
const BEHIND = 'x'.repeat(14_000)

t.test('of the field in which a token came nothing else is kept with it', (t) => {
  const tokens: string[] = []
  const before = heapBytes()
  for (let i = 0; i < COUNT; i++) {
    // A text of its own for each, as it comes from a connection.
    const value = Buffer.from(`bearer, ${'t'.repeat(40)}${i}, ${BEHIND}`).toString('latin1')
    const found = protocolToken(['Sec-WebSocket-Protocol', value])
    if (typeof found === 'object') tokens.push(found.token)
  }
  const heldBytes = heapBytes() - before
  t.equal(tokens.length, COUNT)
  t.equal(tokens[7], `${'t'.repeat(40)}7`)
  t.ok(heldBytes < 2_000_000, `${heldBytes} bytes are held`)
  t.end()
})
