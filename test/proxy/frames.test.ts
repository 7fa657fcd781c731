import t from 'tap'
import { protocolToken } from '../../lib/auth/protocol-token.js'
import { closeFrame, createFrames } from '../../lib/proxy/frames.js'

/** A frame with this much payload, its length written in the form that it needs. */
const frame = (opcode: number, length: number, isMasked: boolean): Buffer => {
  const mask = isMasked ? 0x80 : 0
  const size = Buffer.alloc(length < 126 ? 1 : length < 65_536 ? 3 : 9)
  size[0] = mask | (length < 126 ? length : length < 65_536 ? 126 : 127)
  if (size.length === 3) size.writeUInt16BE(length, 1)
  if (size.length === 9) size.writeBigUInt64BE(BigInt(length), 1)
  const payload = Buffer.alloc(length, 0x88) // which would be a close frame, were it a header
  return Buffer.concat([Buffer.of(opcode), size, Buffer.alloc(isMasked ? 4 : 0, 0x88), payload])
}

t.test('the end of each frame is found, in whatever pieces it comes', (t) => {
  for (const isMasked of [false, true])
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
      const bytes = frame(0x82, length, isMasked)
      for (const piece of [1, 2, 3, 7, 1_000, bytes.length]) {
        const frames = createFrames()
        let end = -1
        for (let at = 0; at < bytes.length; at += piece) {
          const found = frames.follow(bytes.subarray(at, at + piece), false)
          if (found >= 0) end = at + found
          const isOver = at + piece >= bytes.length
          if (frames.isBetween !== isOver) t.fail(`${length} in pieces of ${piece}, at ${at}`)
        }
        t.equal(end, bytes.length, `${length} in pieces of ${piece}`)
        t.equal(frames.hasClosed, false)
      }
    }
  t.end()
})

t.test('of several frames in a piece the end of the first is told, and a close is seen', (t) => {
  const frames = createFrames()
  const first = frame(0x01, 10, false)
  t.equal(
    frames.follow(Buffer.concat([first, frame(0x80, 300, false), Buffer.of(0x81)]), false),
    12,
  )
  t.equal(frames.isBetween, false)
  t.equal(frames.follow(Buffer.of(0), false), 1)
  t.equal(frames.isBetween, true)
  frames.follow(closeFrame(1000, 'bye', false), false)
  t.equal(frames.hasClosed, true)
  t.end()
})

t.test('a close frame is that of RFC 6455, masked where a client sends it', (t) => {
  t.same(closeFrame(1008, 'no', false), Buffer.of(0x88, 4, 0x03, 0xf0, 0x6e, 0x6f))
  const masked = closeFrame(1008, 'no', true)
  t.same(masked.subarray(0, 2), Buffer.of(0x88, 0x84))
  const mask = masked.subarray(2, 6)
  const payload = masked.subarray(6).map((byte, i) => byte ^ (mask[i] as number))
  t.same(Buffer.from(payload), Buffer.of(0x03, 0xf0, 0x6e, 0x6f))
  t.notSame(closeFrame(1008, 'no', true), masked, 'by another mask each time')
  t.end()
})

t.test('the token among the subprotocols, and what is left of them', (t) => {
  const of = (...values: string[]) =>
    protocolToken(values.flatMap((value) => ['Sec-WebSocket-Protocol', value]))
  t.same(of('bearer, a.b.c'), { token: 'a.b.c', offeredProtocols: '' })
  t.same(of('chat,bearer,a.b.c,  talk'), { token: 'a.b.c', offeredProtocols: 'chat, talk' })
  t.same(of('chat, bearer', 'a.b.c'), { token: 'a.b.c', offeredProtocols: 'chat' })
  t.equal(of('bearer, a.b.c, bearer, d.e.f'), 'two_tokens')
  t.equal(of('bearer, a.b.c, BEARER'), 'two_tokens')
  for (const none of [[], [''], ['chat'], ['bearers, a.b.c']]) t.equal(of(...none), undefined)
  for (const faulty of ['bearer', 'bearer,', 'bearer,,a.b.c', 'Bearer, a.b.c', 'a.b.c, bearer'])
    t.equal(of(faulty), 'malformed', faulty)
  t.end()
})
