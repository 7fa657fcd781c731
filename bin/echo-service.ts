import { createServer, type Server } from 'node:http'
import { readPassport } from '../lib/passport/index.js'

/** A service that answers every request with what it received, its passport decoded. */
export const createEchoService = (): Server =>
  createServer((request, response) => {
    let bodyBytes = 0
    request.on('data', (chunk: Buffer) => (bodyBytes += chunk.length))
    request.on('end', () => {
      const reading = readPassport(request.headers, { unsigned: 'accept', anonymous: 'accept' })
      const segment = request.headers['x-proxy-state']
      const body = {
        service: 'echo',
        method: request.method,
        path: request.url,
        passport: reading.ok ? reading.passport : null,
        segment: typeof segment === 'string' ? Buffer.from(segment, 'base64').toString() : null,
        headers: request.headers,
        body_bytes: bodyBytes,
      }
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.end(`${JSON.stringify(body, null, 2)}\n`)
    })
  })
