import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** Has a server, of node:https too, listen on any port until the test is over; gives the port. */
export const listenWhile = async (
  t: Test,
  server: Pick<Server, 'listen' | 'address' | 'close' | 'closeAllConnections' | 'once'>,
  host = '127.0.0.1',
): Promise<number> => {
  const listening = new Promise<void>((resolve) => void server.once('listening', resolve))
  server.listen(0, host)
  await listening
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}
