import t from 'tap'
import * as gateway from '../lib/index.js'
import * as reader from '../lib/passport/index.js'

t.test('what is exported is what is promised', (t) => {
  t.same(Object.keys(gateway).sort(), [
    'ConfigError',
    'DEFAULTS',
    'ERRORS',
    'StoreError',
    'createGateway',
    'createLog',
  ])
  t.same(Object.keys(reader).sort(), [
    'createPassportReader',
    'mintPassport',
    'passportHook',
    'readPassport',
    'requirePassport',
  ])
  t.end()
})

t.test('every error has a status of its kind and a sentence', (t) => {
  for (const [code, { status, detail }] of Object.entries(gateway.ERRORS)) {
    t.match(code, /^[a-z]+(_[a-z]+)*$/)
    t.ok(status >= 400 && status < 600, code)
    t.match(detail, /^[A-Z].*\.$/, code)
  }
  t.end()
})
