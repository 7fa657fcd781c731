import type { OutgoingMessage } from 'node:http'

/**
 * Sends a header section at once that is written, whatever its body waits for. `flushHeaders` would take
 * its text for UTF-8, and make two bytes of each beyond ASCII; this is what it calls. The method is node's own.
 */
export const flushHead = (message: OutgoingMessage): void => send(message, '')

/**
 * Ends a message whose header section is written, and says how long its body is: with all of its body, as
 * Latin-1, in one write. `end` would hand the system two, of which the second is empty.
 */
export const endWith = (message: OutgoingMessage, body: string): void => {
  send(message, body)
  message.end()
}

const send = (message: OutgoingMessage, text: string): void => {
  ;(message as OutgoingMessage & Sender)._send(text, 'latin1')
}

interface Sender {
  _send(data: string, encoding: 'latin1'): void
}
