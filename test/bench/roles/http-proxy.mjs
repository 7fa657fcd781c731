// http-proxy behind jsonwebtoken.
import { createSecretKey } from 'node:crypto'
import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'
import jsonwebtoken from 'jsonwebtoken'
import { SECRET } from '../tokens.mjs'
import { listen } from './listen.mjs'
import { setFields } from './outbound-fields.mjs'

const PREFIX = '/v1/proxy'
const BEARER = 'Bearer '

export const start = ({ upstream }) => {
  const key = createSecretKey(Buffer.from(SECRET))
  const proxy = httpProxy.createProxyServer({
    target: upstream,
    agent: new Agent({ keepAlive: true }),
    xfwd: true,
  })
  proxy.on('proxyReq', (outgoing, request) => setFields(outgoing, request.claims, '1.1 http-proxy'))
  proxy.on('error', (_error, _request, response) => response.writeHead(502).end())
  return listen(
    createServer((request, response) => {
      const { authorization = '' } = request.headers
      try {
        if (!authorization.startsWith(BEARER)) throw new Error('there is no token')
        const token = authorization.slice(BEARER.length)
        request.claims = jsonwebtoken.verify(token, key, { algorithms: ['HS256'] })
      } catch {
        response.writeHead(401).end()
        return
      }
      if (!request.url.startsWith(PREFIX)) return void response.writeHead(404).end()
      request.url = request.url.slice(PREFIX.length)
      proxy.web(request, response)
    }),
  )
}
