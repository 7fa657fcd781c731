// Refuses everybody without a look: what `node:http` itself takes for such an answer.
import { createServer } from 'node:http'
import { listen } from './listen.mjs'

const BODY = JSON.stringify({
  type: 'about:blank',
  title: 'Unauthorized',
  status: 401,
  code: 'invalid_token',
  detail: 'the token is not valid',
})
const FIELDS = {
  'Content-Type': 'application/problem+json',
  'WWW-Authenticate': 'Bearer error="invalid_token"',
  'Cache-Control': 'no-store',
  'Content-Length': Buffer.byteLength(BODY),
}

export const start = () =>
  listen(
    createServer((_, response) => {
      response.writeHead(401, FIELDS)
      response.end(BODY)
    }),
  )
