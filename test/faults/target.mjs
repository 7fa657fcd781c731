// One target, a process of its own so that it can be killed: `fork(target.mjs, [port, file])`. It
// writes down every request that it has whole, before it does anything with it, and every answer,
// before it gives it. Each line is a write of its own to the system, so a kill takes none of them
// back; what a killed process had not written down, it had not begun. A message is a way to behave.
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { answerBody, requestBody, workMsOf } from './messages.mjs'
import { misbehave } from './misbehaviour.mjs'

const [port, file] = process.argv.slice(2)
const ledger = openSync(file, 'a')
const note = (what, id) => writeSync(ledger, `${what} ${id}\n`)

let way = 'well'

const userOf = (passport) => JSON.parse(Buffer.from(passport, 'base64').toString()).user_id

const answer = (request, response, id) => {
  const body = answerBody(id, userOf(request.headers['x-passport']))
  const complete = () => note('answered', id)
  if (misbehave(way, { id, body, response, complete })) return
  complete()
  response.end(body)
}

const server = createServer((request, response) => {
  const id = request.url.slice(request.url.lastIndexOf('/') + 1)
  let body = ''
  request.setEncoding('latin1')
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    if (request.url === '/health') return way === 'well' && response.end('well')
    note('received', id)
    if (body !== (request.method === 'POST' ? requestBody(id) : '')) note('spoiled', id)
    setTimeout(answer, workMsOf(id), request, response, id)
  })
})

process.on('message', (message) => (way = message))
process.on('disconnect', () => process.exit())
server.on('error', () => process.exit(1))
server.listen(Number(port), '127.0.0.1', () => process.send('listening'))
