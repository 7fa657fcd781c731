import t from 'tap'
import { createStore, missingDriver } from '../lib/store-choice.js'

const SETTINGS = {
  timeoutMs: 1_000,
  limitConnections: 1,
  allowVolatile: false,
  keepsUsers: true,
  tls: {},
}

t.test('a package that a store needs is named', (t) => {
  const none = (): undefined => undefined
  t.equal(missingDriver('postgres://localhost/a', none), 'needs the package pg: npm install pg')
  t.equal(missingDriver('redis://a', none), 'needs the package ioredis: npm install ioredis')
  for (const url of [undefined, 'memory:', 'sqlite:a', 'no URL'])
    t.equal(missingDriver(url, none), undefined)
  for (const url of ['redis://a', 'postgres://localhost/a']) t.equal(missingDriver(url), undefined)
  t.end()
})

t.test('each URL has its engine, and memory none', async (t) => {
  for (const url of [undefined, 'memory:', 'no URL']) t.equal(createStore(url, SETTINGS), undefined)
  for (const [url, name] of [
    ['sqlite:a', 'sqlite'],
    ['redis://localhost', 'redis'],
    ['rediss://localhost', 'redis'],
    ['postgres://localhost/a', 'postgres'],
    ['postgres://localhost/a?sslmode=verify-full', 'postgres'],
  ] as const) {
    const engine = createStore(url, SETTINGS)
    t.equal(engine?.name, name)
    await engine?.close()
  }
})
