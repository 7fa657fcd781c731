// The service behind, a process of its own so that it can be killed: `fork(service.mjs, [port, file])`.
// It tells each caller which passport it saw, and writes down, at once, which POSTs and PUTs it has
// whole, which of them were spoiled, and what should not have come at all. To any message it answers
// with how many streams are open.
import { createHash } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import { answerBody, numberOf, requestBody } from '../faults/messages.mjs'
import { bytesOf, contentOf, eventsOf } from './content.mjs'

const [port, file] = process.argv.slice(2)
const ledger = openSync(file, 'a')
const note = (what, id) => writeSync(ledger, `${what} ${id}\n`)

/** What it saw of the caller, as JSON; `fields` counts those that a server could take for a passport. */
const seenIn = ({ rawHeaders, headers }) => {
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
  const fields = names.filter((name) => /^x[^a-z0-9]passport$/.test(name)).length
  const passport = Buffer.from(headers['x-passport'] ?? '', 'base64').toString()
  const { authorization, 'x-proxy-state': state } = headers
  return JSON.stringify({ passport, state, fields, isTokenThere: authorization !== undefined })
}

const WORK = {
  get: (request, response, id) => response.end(answerBody(id, 'you')),
  post: (request, response, id) => {
    let body = ''
    request.setEncoding('latin1').on('data', (text) => (body += text))
    request.on('end', () => {
      note('received', id)
      if (body !== requestBody(id)) note('spoiled', id)
      response.end(answerBody(id, 'you'))
    })
  },
  upload: (request, response, id) => {
    const hash = createHash('sha256')
    request.on('data', (chunk) => hash.update(chunk))
    request.on('end', () => {
      note('received', id)
      response.end(hash.digest('hex'))
    })
  },
  download: (request, response, id) => {
    const bytes = bytesOf(numberOf(id))
    if (numberOf(id) % 2 === 0) response.setHeader('Content-Length', bytes)
    Readable.from(contentOf(id, bytes)).pipe(response)
  },
  endless: (request, response, id) => {
    const content = Readable.from(contentOf(id))
    response.on('close', () => content.destroy())
    content.pipe(response)
  },
  events: async (request, response, id) => {
    response.setHeader('Content-Type', 'text/event-stream')
    for (const event of eventsOf(id)) {
      response.write(event)
      await sleep(100)
    }
    response.end()
  },
}

let openStreams = 0
const server = createServer((request, response) => {
  const [, kind, id] = request.url.split('/')
  if (!WORK[kind]) {
    note('trespassed', id)
    response.statusCode = 404
    return response.end()
  }
  openStreams++
  response.on('close', () => openStreams--)
  response.setHeader('Saw', seenIn(request))
  WORK[kind](request, response, id)
})

const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  const [, kind, id] = request.url.split('/')
  if (kind !== 'echo') note('trespassed', id)
  sockets.handleUpgrade(request, socket, head, (client) => {
    openStreams++
    client.on('close', () => openStreams--)
    client.on('error', () => {})
    client.send(seenIn(request))
    client.on('message', (message, binary) => client.send(message, { binary }))
  })
})

process.on('message', () => process.send({ openStreams }))
process.on('disconnect', () => process.exit())
server.on('error', () => process.exit(1))
// Longer than the gateway keeps its connections: which of them ends is not what is looked at here.
server.keepAliveTimeout = 60_000
server.listen(Number(port), '127.0.0.1', () => process.send('listening'))
