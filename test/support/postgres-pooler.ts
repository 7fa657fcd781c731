// As PgBouncer stands before PostgreSQL (pool_mode=session): it passes everything on, but a parameter
// of the connection that it does not know it refuses, and so all that it has no room for.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface PostgresPooler {
  port: number
  /** What every connection is refused with; at first none is. */
  refusal: string | undefined
}

/** A pooler before the server on this port of 127.0.0.1. */
export const postgresPooler = async (t: Test, serverPort: number): Promise<PostgresPooler> => {
  const sockets = new Set<Socket>()
  const kept = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()))
    return socket
  }
  const server = createServer((client) => {
    kept(client).once('data', (startup: Buffer) => {
      const text = pooler.refusal ?? refusalOf(startup)
      if (text !== undefined) client.end(errorResponse(text))
      else {
        const upstream = kept(connect(serverPort, '127.0.0.1'))
        upstream.write(startup)
        client.pipe(upstream).pipe(client)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const pooler: PostgresPooler = { port, refusal: undefined }
  return pooler
}

const KNOWN = new Set(['user', 'database', 'application_name', 'client_encoding'])

// StartupMessage: its length, the version, and then names and values, each with a zero behind it.
const refusalOf = (startup: Buffer): string | undefined => {
  const words = startup.toString('utf8', 8).split('\0')
  const unknown = words.find((word, i) => i % 2 === 0 && word !== '' && !KNOWN.has(word))
  return unknown && `unsupported startup parameter: ${unknown}`
}

const errorResponse = (text: string): Buffer => {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${text}\0\0`)
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
