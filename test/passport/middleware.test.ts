// The middleware and the hook in the servers they are made for, on real sockets.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import t, { type Test } from 'tap'
import {
  mintPassport,
  passportHook,
  requirePassport,
  type PassportRequest,
  type RequirePassportOptions,
  type UserPassport,
} from '../../lib/passport/index.js'

declare module 'node:http' {
  interface IncomingMessage {
    passport?: UserPassport
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    passport?: UserPassport
  }
}

const secret = 'a passport secret of the tests, long enough'
const PATH = '/api/orders?a=b'
const bound = (path = PATH, method = 'GET'): Record<string, string> =>
  mintPassport({ user_id: 'user_ada' }, { secret, request: { method, path } })

type Start = (t: Test, options: RequirePassportOptions) => Promise<string>

const originOf = async (t: Test, server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const SERVERS: Record<string, Start> = {
  'node:http': (t, options) => {
    const guard = requirePassport(options)
    const listener: RequestListener = (request, response) =>
      guard(request, response, () => response.end(request.passport?.user_id))
    return originOf(t, createServer(listener))
  },
  Express: (t, options) => {
    // Under a path of its own, where `url` has lost it.
    const app = express().use('/api', requirePassport(options))
    app.all('/api/orders', (request, response) => void response.send(request.passport?.user_id))
    return originOf(t, createServer(app))
  },
  Fastify: async (t, options) => {
    const app = fastify()
    app.addHook('onRequest', passportHook(options))
    app.all('/api/orders', (request, reply) => reply.send(request.passport?.user_id))
    t.teardown(() => app.close())
    return app.listen({ port: 0, host: '127.0.0.1' })
  },
}

for (const [name, start] of Object.entries(SERVERS))
  t.test(`a handler of ${name} is reached with a passport alone`, async (t) => {
    const refused: Array<[string, string | undefined]> = []
    const onRefused = (reason: string, { method }: PassportRequest): void =>
      void refused.push([reason, method])
    const origin = await start(t, { secret, onRefused })
    const good = mintPassport({ user_id: 'user_ada' }, { secret })
    const answer = await fetch(origin + PATH, { headers: good })
    t.same([answer.status, await answer.text()], [200, 'user_ada'])
    t.same(refused, [])
    for (const [headers, reason] of [
      [{}, 'missing'],
      [{ ...good, 'X-Proxy-State': 'YTpiOmM=' }, 'bad_signature'],
      [mintPassport({ token_status: 'anonymous' }, { secret }), 'anonymous'],
      [bound(), 'bad_signature'],
    ] as Array<[Record<string, string>, string]>) {
      const response = await fetch(origin + PATH, { headers, method: 'POST', body: 'unread' })
      t.equal(response.status, 401)
      t.match(
        response.headers.get('content-type'),
        /^application\/problem\+json(; charset=utf-8)?$/,
      )
      t.equal(response.headers.get('cache-control'), 'no-store')
      t.equal(response.headers.get('www-authenticate'), 'Bearer')
      const text = await response.text()
      t.equal(response.headers.get('content-length'), String(text.length))
      t.same(JSON.parse(text), { title: 'Unauthorized', status: 401, code: 'passport_required' })
      t.same(refused.pop(), [reason, 'POST'])
    }
  })

for (const [name, start] of Object.entries(SERVERS))
  t.test(`a passport bound to a request is good for that one alone in ${name}`, async (t) => {
    const origin = await start(t, { secret, bind: 'request' })
    const statusFor = async (headers: Record<string, string>, method = 'GET'): Promise<number> =>
      (await fetch(origin + PATH, { headers, method })).status
    t.equal(await statusFor(bound()), 200)
    t.equal(await statusFor(bound(PATH, 'PUT'), 'PUT'), 200)
    t.equal(await statusFor(bound(), 'PUT'), 401)
    t.equal(await statusFor(bound('/orders?a=b')), 401)
    t.equal(await statusFor(bound('/api/orders')), 401)
    t.equal(await statusFor(mintPassport({}, { secret })), 401)
  })

t.test('options that are not valid are found when the server starts', (t) => {
  for (const guard of [requirePassport, passportHook]) {
    t.throws(() => guard({ secret: process.env['NOT_SET'] }), RangeError)
    t.throws(() => guard({ secret, bind: 'requests' as 'request' }), RangeError)
  }
  t.end()
})
