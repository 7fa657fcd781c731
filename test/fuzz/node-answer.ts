import { request } from 'node:http'
import { Duplex } from 'node:stream'
import type { ReadAnswer } from '../support/read-answer.js'

/** What node's own client makes of an answer behind which the connection ends. */
export const readByNode = (bytes: string, method: string): Promise<ReadAnswer> =>
  new Promise((resolve) => {
    const read: ReadAnswer = { informed: [], body: '', behind: '' }
    const connection = new Duplex({
      read: () => {},
      write: (_piece, _encoding, done) => done(),
    })
    const sent = request({ method, createConnection: () => connection as never })
    sent.maxHeadersCount = 0
    const fail = (error: NodeJS.ErrnoException): void => {
      resolve({ ...read, error: String(error.code) })
      connection.destroy()
    }
    sent
      .on('error', fail)
      .on('information', ({ statusCode }) => void read.informed.push(statusCode))
      .on('response', (answer) => {
        const { statusCode = 0, statusMessage = '', httpVersionMinor, rawHeaders } = answer
        read.head = { statusCode, statusMessage, versionMinor: httpVersionMinor, rawHeaders }
        answer
          .on('data', (piece: Buffer) => (read.body += piece.toString('latin1')))
          .on('error', fail)
          .on('end', () => {
            resolve(answer.complete ? { ...read, trailers: answer.rawTrailers } : read)
            connection.destroy()
          })
      })
    sent.end(() => {
      connection.push(Buffer.from(bytes, 'latin1'))
      connection.push(null)
    })
  })
