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
