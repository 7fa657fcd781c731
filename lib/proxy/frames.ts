import { randomBytes } from 'node:crypto'

/** Follows the frames of a WebSocket in one direction (RFC 6455 Section 5.2), and changes none. */
export interface Frames {
  /**
   * Takes the next bytes, or those up to the first end of a frame; gives where in them that is, or -1
   * when there is none.
   */
  follow(chunk: Buffer, onlyToFirstEnd: boolean): number
  /** Whether the next byte begins a frame. */
  readonly isBetween: boolean
  /** Whether a close frame came: nothing may follow it. */
  readonly hasClosed: boolean
}

export const createFrames = (): Frames => {
  // Of a header at most 14 bytes long: what came of it, and how long it is as far as that tells.
  const header = Buffer.alloc(14)
  let headerBytes = 0
  let payloadBytes = 0
  let hasClosed = false

  const finishHeader = (): void => {
    const length = (header[1] as number) & 0x7f
    if (length === 126) payloadBytes = header.readUInt16BE(2)
    else payloadBytes = length === 127 ? Number(header.readBigUInt64BE(2)) : length
    if (((header[0] as number) & 0x0f) === CLOSE) hasClosed = true
    headerBytes = 0
  }

  return {
    follow: (chunk, onlyToFirstEnd) => {
      let firstEnd = -1
      let at = 0
      while (at < chunk.length) {
        if (payloadBytes > 0) {
          const taken = Math.min(payloadBytes, chunk.length - at)
          payloadBytes -= taken
          at += taken
        } else {
          header[headerBytes++] = chunk[at++] as number // at < length
          if (headerBytes < headerLength(header, headerBytes)) continue
          finishHeader()
        }
        if (payloadBytes === 0 && firstEnd < 0) firstEnd = at
        if (onlyToFirstEnd && firstEnd >= 0) break
      }
      return firstEnd
    },
    get isBetween() {
      return payloadBytes === 0 && headerBytes === 0
    },
    get hasClosed() {
      return hasClosed
    },
  }
}

const CLOSE = 8

const headerLength = (header: Buffer, known: number): number => {
  if (known < 2) return 2
  const second = header[1] as number
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

/** A close frame (RFC 6455 Section 5.5.1), masked where a client sends it. */
export const closeFrame = (code: number, reason: string, isMasked: boolean): Buffer => {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  const head = Buffer.of(0x80 | CLOSE, (isMasked ? 0x80 : 0) | payload.length)
  if (!isMasked) return Buffer.concat([head, payload])
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i % 4] as number))])
}
