// A small GET with a good token: the whole job, beside others who do it, or less.
import { createToken } from '../tokens.mjs'
import { inTurns, ratiosOf } from '../turns.mjs'
import { atMost, shown } from '../verdicts.mjs'

const LIMITS = { pipe: 0.7, fastify: 0.4, express: 0.17, haproxy: 1.8 }
const ALL = ['pipe', 'gateway', 'fastify', 'express', 'http-proxy', 'haproxy', 'nginx', 'answer']

export const get = {
  name: 'get',
  title: 'Small GET with one token',
  rivals: ALL,
  measure: async ({ start, names, rounds, seconds }) => {
    const request = { path: '/v1/proxy/small', token: createToken() }
    const sides = []
    for (const name of names) sides.push({ name, contender: await start(name), request })
    const figures = await inTurns(sides, { rounds, seconds })
    const verdicts = names
      .filter((name) => name !== 'gateway')
      .map((name) => {
        const ratios = ratiosOf(figures, 'gateway', name)
        const what = `gateway ÷ ${name}`
        return LIMITS[name] ? atMost(what, ratios, LIMITS[name]) : shown(what, ratios)
      })
    return { figures, verdicts }
  },
}
