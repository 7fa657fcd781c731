import t from 'tap'
import { createHeaderReader, parseJsonObject } from '../../lib/jwt/json-object.js'

const part = (text: string): string => Buffer.from(text).toString('base64url')

t.test('a header that is what was read last is the same object, and any other is read', (t) => {
  const read = createHeaderReader()
  const first = read(part('{"alg":"HS256"}'))
  t.equal(read(part('{"alg":"HS256"}')), first)
  const rows = ['{"alg":"none"}', '{"alg":"HS256","crit":[]}', '[]', 'null', '{', '']
  for (const text of rows)
    for (const time of ['first', 'second'])
      t.same(read(part(text)), parseJsonObject(part(text)), `${text}, ${time}`)
  t.same(read(part('{"alg":"HS256"}')), { alg: 'HS256' })
  t.equal(read(`${part('{"alg":"HS256"}')}=`), undefined, 'byte for byte')
  t.end()
})

t.test(
  'what is no UTF-8, or longer than a token, is no object; the sign for it is a character',
  (t) => {
    const bytes = (hex: string): string =>
      Buffer.from(`{"a":"`).toString('hex') + hex + Buffer.from(`"}`).toString('hex')
    const read = (hex: string) =>
      parseJsonObject(Buffer.from(bytes(hex), 'hex').toString('base64url'))
    t.same(read('efbfbd'), { a: '\ufffd' })
    for (const hex of ['ff', 'c0af', 'efbfbdff', 'eda080']) t.equal(read(hex), undefined, hex)
    t.same(read('61'.repeat(8_192 - 8)), { a: 'a'.repeat(8_192 - 8) })
    t.equal(read('61'.repeat(8_192 - 7)), undefined)
    t.end()
  },
)

t.test('no name reaches what every object inherits', (t) => {
  const object = parseJsonObject(part('{"a":1,"__proto__":{"b":2}}')) as Record<string, unknown>
  t.equal(object['constructor'], undefined)
  t.equal(object['b'], undefined)
  t.same(Object.keys(object), ['a', '__proto__'])
  t.end()
})
