import type { OutgoingMessage } from 'node:http'

/**
 * Sends a header section at once that is written, whatever its body waits for. `flushHeaders` would take
 * its text for UTF-8, and make two bytes of each beyond ASCII; this is what it calls. The method is node's own.
 */
export const flushHead = (message: OutgoingMessage): void => {
  ;(message as OutgoingMessage & Sender)._send('', 'latin1')
}

interface Sender {
  _send(data: string, encoding: 'latin1'): void
}
