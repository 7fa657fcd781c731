// Has nothing behind it: what `node:http` itself takes to answer.
import { createServer } from 'node:http'
import { listen } from './listen.mjs'

export const start = () =>
  listen(
    createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 5 })
      response.end('hello')
    }),
  )
