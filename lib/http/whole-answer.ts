import type { ServerResponse } from 'node:http'
import type { Departing } from './departures.js'
import { endWith } from './flush-head.js'

/** Whether the connection to the client is gone; the response is told of that some turns later. */
export const hasLeft = ({ destroyed, socket }: ServerResponse): boolean =>
  destroyed || socket?.destroyed === true

/** An answer whose header section is written, and says how long its body is; as Latin-1 all of that is `body`. */
export class WholeAnswer implements Departing {
  readonly #response: ServerResponse
  readonly #body: string

  constructor(response: ServerResponse, body: string) {
    this.#response = response
    this.#body = body
  }

  depart(): void {
    if (!hasLeft(this.#response)) endWith(this.#response, this.#body)
  }
}
