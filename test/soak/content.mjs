// Bodies that both ends can make for themselves: the id of a request decides each of their bytes.
import { createCipheriv, createHash } from 'node:crypto'

const CHUNK_BYTES = 65_536
const ZEROS = Buffer.alloc(CHUNK_BYTES)

/** So many bytes, or without end, in chunks. */
export function* contentOf(id, bytes = Infinity) {
  const key = createHash('sha256').update(id).digest()
  const cipher = createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16))
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    yield cipher.update(left < CHUNK_BYTES ? ZEROS.subarray(0, left) : ZEROS)
  }
}

/** The hash of a body of chunks. */
export const hashOf = (chunks) => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** How long the large body of a request is. */
export const bytesOf = (number) => 100_000 + ((number * 7_919) % 1_900_000)

/** The events that a stream has. */
export const eventsOf = (id) =>
  Array.from({ length: 5 }, (_, i) => `id: ${i}\ndata: ${id} ${i}\n\n`)
