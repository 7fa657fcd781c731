import type { ServerResponse } from 'node:http'
import type { Departing } from './departures.js'
import { endWith } from './flush-head.js'

/** An answer whose header section is written, and all of its body, as Latin-1; `undefined` for none. */
export class WholeAnswer implements Departing {
  readonly #response: ServerResponse
  readonly #body: string | undefined

  constructor(response: ServerResponse, body: string | undefined) {
    this.#response = response
    this.#body = body
  }

  depart(): void {
    const response = this.#response
    // Of a connection that is gone the response is told some turns later.
    if (response.destroyed || response.socket?.destroyed === true) return
    if (this.#body === undefined) response.end()
    else if (response.chunkedEncoding) response.end(this.#body, 'latin1')
    else endWith(response, this.#body)
  }
}
