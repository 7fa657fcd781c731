// A connection of a client, kept from one request to the next, on a raw socket: what came is what is
// counted, whatever a client library would have made of it.
import { connect } from 'node:net'
import { readAnswer } from './answers.mjs'

export class Connection {
  #socket
  #received = ''
  #isEnded = false
  #settle
  #onIdle

  /** `onIdle` is called when it can take a request, `onClosed` when it never will again. */
  constructor(port, { onIdle, onClosed, localAddress }) {
    this.#onIdle = onIdle
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
      .setEncoding('latin1')
      .on('data', (text) => {
        this.#received += text
        this.#read()
      })
      .on('end', () => {
        this.#isEnded = true
        this.#read()
      })
      // What broke it is seen by what did not come.
      .on('error', () => {})
      .on('close', () => {
        onClosed()
        this.#finish(readAnswer(this.#received, this.#isEnded))
      })
  }

  /**
   * Sends a request and calls `settle` once, with the answer as far as it came, or with undefined
   * when not even its head did.
   */
  send(text, settle) {
    this.#settle = settle
    this.#socket.write(text, 'latin1')
  }

  close() {
    this.#socket.destroy()
  }

  #read() {
    if (!this.#settle) {
      // Over, or with bytes that nobody asked for: the next request would be given them.
      return this.close()
    }
    const answer = readAnswer(this.#received, this.#isEnded)
    if (!answer?.isWhole) return
    this.#received = ''
    this.#finish(answer)
    if (answer.isLast || this.#isEnded) this.#socket.end()
    else this.#onIdle()
  }

  #finish(answer) {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(answer)
  }
}
