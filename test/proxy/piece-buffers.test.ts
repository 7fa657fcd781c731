import t from 'tap'
import { PIECE_BYTES, PieceBuffers } from '../../lib/proxy/piece-buffers.js'

t.test('a copy is of the bytes, and its memory is used again once it is given back', (t) => {
  const buffers = new PieceBuffers()
  const piece = Buffer.alloc(PIECE_BYTES, 'a')
  const first = buffers.copy(piece)
  piece.fill('b')
  t.equal(first.toString(), 'a'.repeat(PIECE_BYTES))
  const second = buffers.copy(piece.subarray(1))
  t.equal(second.length, PIECE_BYTES - 1)
  t.not(second.buffer, first.buffer, 'not while it is in use')
  buffers.giveBack(second)
  t.equal(buffers.copy(piece).buffer, second.buffer)
  t.equal(first.toString(), 'a'.repeat(PIECE_BYTES))
  t.end()
})

t.test('no more of them are kept than there may be', (t) => {
  const buffers = new PieceBuffers()
  const piece = Buffer.alloc(1)
  const copies = Array.from({ length: 100 }, () => buffers.copy(piece))
  for (const copy of copies) buffers.giveBack(copy)
  const known = new Set(copies.map(({ buffer }) => buffer))
  const again = Array.from({ length: 100 }, () => buffers.copy(piece))
  t.equal(again.filter(({ buffer }) => known.has(buffer)).length, 32)
  t.end()
})
