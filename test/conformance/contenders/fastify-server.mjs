// The process of the contender @fastify/http-proxy; its argument is the port of the service.
import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

const app = fastify()
await app.register(httpProxy, {
  upstream: `http://127.0.0.1:${process.argv[2]}`,
  websocket: true,
  undici: { headersTimeout: 2_000 },
  replyOptions: { retriesCount: 1 },
})
await app.listen({ port: 0, host: '127.0.0.1' })
console.log(JSON.stringify({ port: app.server.address().port }))
