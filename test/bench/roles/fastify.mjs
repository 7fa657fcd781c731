// @fastify/http-proxy behind @fastify/jwt, which remembers what it has verified.
import { randomUUID } from 'node:crypto'
import httpProxy from '@fastify/http-proxy'
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import { passportOf, SECRET, segmentOf } from '../tokens.mjs'

export const start = async ({ upstream }) => {
  const app = fastify({ genReqId: () => randomUUID(), keepAliveTimeout: 120_000 })
  await app.register(jwt, { secret: SECRET, verify: { algorithms: ['HS256'], cache: true } })
  await app.register(httpProxy, {
    upstream,
    prefix: '/v1/proxy',
    rewritePrefix: '',
    preHandler: (request, reply, done) => {
      request.jwtVerify((error) => (error ? void reply.code(401).send() : done()))
    },
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => {
        delete headers.authorization
        return {
          ...headers,
          'x-passport': passportOf(request.user),
          'x-proxy-state': segmentOf(request.user),
          'x-forwarded-for': request.ip,
          'x-forwarded-proto': request.protocol,
          'x-forwarded-host': request.host,
          'x-request-id': request.id,
          via: '1.1 fastify',
        }
      },
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: app.server.address().port }
}
