// A bare pipe that checks nothing, as everybody would write it first.
import { Agent, createServer, request } from 'node:http'
import { listen } from './listen.mjs'

export const start = ({ upstream }) => {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(upstream)
  return listen(
    createServer((incoming, response) => {
      const { method, url: path, headers } = incoming
      const outgoing = request({ agent, hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers)
        answer.pipe(response)
      })
      incoming.pipe(outgoing)
    }),
  )
}
