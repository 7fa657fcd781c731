import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { valuesOf } from '../http/headers.js'

/**
 * Sees to it that an answer which ends with its connection is known to have broken off when that is
 * reset. libuv reports bytes and a reset that it finds at once as bytes and an end, unless it is told
 * to stop reading in between: then the next read finds the reset. The field is node's own.
 */
export const readPieceByPiece = (answer: IncomingMessage): void => {
  const { rawHeaders } = answer
  const isFramed = ['content-length', 'transfer-encoding'].some(
    (name) => valuesOf(rawHeaders, name).length > 0,
  )
  if (isFramed) return
  const socket = answer.socket as Socket & { _handle?: Handle | null }
  const stopShortly = (): void => {
    socket._handle?.readStop()
    // Only if node itself has not stopped meanwhile, for a slow reader.
    setImmediate(() => socket._handle?.reading && socket._handle.readStart())
  }
  stopShortly()
  socket.on('data', stopShortly)
  answer.once('close', () => socket.off('data', stopShortly))
}

interface Handle {
  reading: boolean
  readStop(): void
  readStart(): void
}
