// http-proxy-middleware behind express-jwt. The secret is a key: as text it would be taken for a public
// key first, at each request.
import { createSecretKey } from 'node:crypto'
import { Agent, createServer } from 'node:http'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { SECRET } from '../tokens.mjs'
import { listen } from './listen.mjs'
import { setFields } from './outbound-fields.mjs'

export const start = ({ upstream }) => {
  const app = express()
  app.disable('x-powered-by')
  app.use(
    '/v1/proxy',
    expressjwt({ secret: createSecretKey(Buffer.from(SECRET)), algorithms: ['HS256'] }),
    createProxyMiddleware({
      target: upstream,
      agent: new Agent({ keepAlive: true }),
      xfwd: true,
      on: { proxyReq: (outgoing, request) => setFields(outgoing, request.auth, '1.1 express') },
    }),
  )
  // Express knows handlers of errors by their four parameters.
  app.use((error, _request, response, next) =>
    error.status === 401 ? response.status(401).end() : next(error),
  )
  return listen(createServer(app))
}
