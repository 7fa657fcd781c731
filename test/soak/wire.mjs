// One request of a client, and the whole of its answer.
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import { Readable } from 'node:stream'

const PATIENCE_MS = 60_000
/** A request of so many comes on a connection of its own. */
const FRESH_EACH = 20

/** There was no answer, or not the whole of it: only a restart of the service excuses that. */
export class Broken extends Error {}

export const createWire = (port) => {
  // Idle ones end before the gateway would end them, lest a request meet its end.
  const agent = new Agent({ keepAlive: true, timeout: 30_000 })
  let count = 0

  const open = ({ method = 'GET', path, headers = {} }) =>
    request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers,
      agent: ++count % FRESH_EACH === 0 ? false : agent,
    })

  return {
    /**
     * `body` is text, or chunks. Resolves to `{ status, headers, text, hash }`, of which a long body has
     * the hash alone.
     */
    send: (message) =>
      new Promise((resolve, reject) => {
        const sent = open(message)
        const fail = (why) => {
          clearTimeout(timer)
          sent.destroy()
          reject(new Broken(why))
        }
        const timer = setTimeout(() => fail('no whole answer in time'), PATIENCE_MS)
        sent.on('error', (error) => fail(error.code ?? error.message))
        sent.on('response', (response) => {
          const hash = createHash('sha256')
          let text = ''
          response.on('data', (chunk) => {
            hash.update(chunk)
            if (text.length < 65_536) text += chunk.toString('latin1')
          })
          response.on('error', (error) => fail(`the answer broke off: ${error.message}`))
          response.on('end', () => {
            clearTimeout(timer)
            const { statusCode: status, headers } = response
            resolve({ status, headers, text, hash: hash.digest('hex') })
          })
        })
        const { body } = message
        if (body === undefined || typeof body === 'string') sent.end(body)
        else Readable.from(body).pipe(sent)
      }),

    /** Goes away after so many bytes of an answer. Resolves to its status and fields, once it is gone. */
    leaveDownload: (message, bytes) =>
      new Promise((resolve, reject) => {
        const sent = open(message)
        let answer
        let left = bytes
        sent.on('response', (response) => {
          answer = { status: response.statusCode, headers: response.headers, text: '' }
          response.on('error', () => {})
          response.on('data', (chunk) => {
            left -= chunk.length
            if (answer.status !== 200) answer.text += chunk
            if (left <= 0) sent.destroy()
          })
        })
        sent.setTimeout(PATIENCE_MS, () => sent.destroy())
        sent.on('error', () => {})
        sent.on('close', () => {
          if (!answer) reject(new Broken('no answer came'))
          else if (answer.status === 200 && left > 0) reject(new Broken('the answer broke off'))
          else resolve(answer)
        })
        sent.end()
      }),

    /** Sends some of a body that is announced to be longer, and goes away. Resolves when it is gone. */
    leaveUpload: (message, chunks) =>
      new Promise((resolve) => {
        const sent = open(message)
        sent.on('error', () => {})
        sent.on('close', resolve)
        sent.setTimeout(PATIENCE_MS, () => sent.destroy())
        const next = () => {
          const { done, value } = chunks.next()
          if (done) return sent.destroy()
          sent.write(value, next)
        }
        next()
      }),

    close: () => agent.destroy(),
  }
}
