// Bodies and claims that other parsers have stumbled over, through a gateway that runs.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { START_SECONDS } from './support/manual-clock.js'
import { forge } from './support/forge.js'
import { bearer, startGateway } from './support/gateways.js'
import { connectRaw } from './support/raw-client.js'
import { passportIn } from './support/passports.js'
import { startService } from './support/services.js'

const PASSWORD = '"password":"correct horse"'
let users = 0
/** The members of a good signup, of another user each time. */
const members = (): string => `"email":"user${users++}@example.com",${PASSWORD}`
const signup = (more = ''): string => `{${members()}${more}}`
const bytes = (before: string, hex: string, after: string): Buffer =>
  Buffer.concat([Buffer.from(before), Buffer.from(hex, 'hex'), Buffer.from(after)])

type Outcome = [status: number, code?: string, fields?: string]

const OK: Outcome = [201]
const NO_JSON: Outcome = [400, 'invalid_request', 'body']
const NO_TYPE: Outcome = [415, 'unsupported_media_type']

t.test('a hostile body is taken for what it says, or refused with a code', async (t) => {
  const { port, events } = await startGateway(t)
  const nested = (open: string, close: string): string => open.repeat(10_000) + close.repeat(10_000)
  const broken = (hex: string): Buffer => bytes(`{${members()},"x":"`, hex, '"}')
  const rows: Array<[what: string, body: string | Buffer, outcome: Outcome]> = [
    ['a member that nobody knows', signup(',"admin":true'), OK],
    ['a prototype', signup(',"__proto__":{"subscription":"premium","isAdmin":true}'), OK],
    ['a prototype that is null', signup(',"__proto__":null'), OK],
    [
      'a prototype alone',
      `{"__proto__":{${members()}}}`,
      [400, 'invalid_request', 'email password'],
    ],
    [
      'a prototype as country',
      signup(',"country":"__proto__"'),
      [400, 'invalid_request', 'country'],
    ],
    ['a prototype as platform', signup(',"platform":"__proto__"'), OK],
    ['a constructor', signup(',"constructor":{"prototype":{"isAdmin":true}}'), OK],
    [
      'a constructor as plan',
      signup(',"subscription":"constructor"'),
      [400, 'invalid_request', 'subscription'],
    ],
    [
      'a toString of its own',
      signup(',"country":{"toString":null}'),
      [400, 'invalid_request', 'country'],
    ],
    ['a huge number', signup(`,"x":${'9'.repeat(5_000)}`), OK],
    ['a number beyond all', signup(',"x":1e400'), OK],
    [
      'a number beyond all as plan',
      signup(',"subscription":1e400'),
      [400, 'invalid_request', 'subscription'],
    ],
    ['minus nothing', signup(',"platform":-0'), [400, 'invalid_request', 'platform']],
    ['10,000 arrays in each other', signup(`,"x":${nested('[', ']')}`), [413, 'body_too_large']],
    ['1,000 arrays in each other', signup(`,"x":${nested('[', ']').slice(9_000, 11_000)}`), OK],
    ['10,000 arrays that never end', '['.repeat(10_000), NO_JSON],
    [
      '1,500 objects in each other',
      `${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`,
      [400, 'invalid_request', 'email password'],
    ],
    ['one name twice: the last counts', signup(',"country":"XX","country":"DE"'), OK],
    [
      'one name twice, and the last is bad',
      signup(',"country":"DE","country":"XX"'),
      [400, 'invalid_request', 'country'],
    ],
    [
      'one name twice, once as an escape',
      signup(',"country":"DE","c\\u006funtry":"XX"'),
      [400, 'invalid_request', 'country'],
    ],
    ['a byte that no UTF-8 has', broken('ff'), NO_JSON],
    ['an overlong slash', broken('c0af'), NO_JSON],
    ['a surrogate in UTF-8', broken('eda080'), NO_JSON],
    ['a character that is cut short', broken('c3'), NO_JSON],
    ['beyond the last character', broken('f4908080'), NO_JSON],
    ['a byte order mark', `\ufeff${signup()}`, OK],
    ['two byte order marks', `\ufeff\ufeff${signup()}`, NO_JSON],
    ['UTF-16', Buffer.from(`\ufeff${signup()}`, 'utf16le'), NO_JSON],
    [
      'half a surrogate in a password',
      `{"email":"a@b.c","password":"correct \\ud800 horse"}`,
      [400, 'invalid_request', 'password'],
    ],
    [
      'half a surrogate in an e-mail',
      `{"email":"\\udc00a@b.c",${PASSWORD}}`,
      [400, 'invalid_request', 'email'],
    ],
    ['half a surrogate in what nobody reads', signup(',"x":"\\ud800","\\udfff":1'), OK],
    ['NUL behind', `${signup()}\0`, NO_JSON],
    ['NUL in a text', bytes(`{${members()},"x":"`, '00', '"}'), NO_JSON],
    [
      'NUL in a password',
      '{"email":"a@b.c","password":"correct\\u0000horse"}',
      [400, 'invalid_request', 'password'],
    ],
    ['NUL in an e-mail', `{"email":"a@b.c\\u0000",${PASSWORD}}`, [400, 'invalid_request', 'email']],
    ['a comment', `${signup()}// more`, NO_JSON],
    ['a comma too many', signup(','), NO_JSON],
    ['NaN', signup(',"x":NaN'), NO_JSON],
    ['two documents', signup() + signup(), NO_JSON],
    ['white space around', ` \t\r\n${signup()}\r\n`, OK],
    ['an array', `[${signup()}]`, NO_JSON],
    ['null', 'null', NO_JSON],
    ['nothing', '', NO_JSON],
    ['too much white space', `${signup()}${' '.repeat(17_000)}`, [413, 'body_too_large']],
  ]
  for (const [what, body, outcome] of rows)
    t.same(await postTo(t, port, body, ['Content-Type: application/json']), outcome, what)
  t.notOk(events.some(({ event }) => event === 'handler_failed'))
  t.same(Object.keys(Object.prototype), [])
})

t.test('a body is JSON in UTF-8 without a coding by its fields, or it is refused', async (t) => {
  const { port } = await startGateway(t)
  const coded = (coding: string): string => `Content-Encoding: ${coding}`
  const json = 'Content-Type: application/json'
  const plain = (): Buffer => Buffer.from(signup())
  const rows: Array<[fields: string[], body: Buffer, outcome: Outcome]> = [
    [[json], plain(), OK],
    [['Content-Type: APPLICATION/JSON'], plain(), OK],
    [['content-type:application/json;charset=utf-8'], plain(), OK],
    [['Content-Type: application/json; charset=UTF8'], plain(), OK],
    [['Content-Type: application/json\t;\tCharset="utf-8"'], plain(), OK],
    [['Content-Type: application/json;'], plain(), OK],
    [['Content-Type: application/json; charset=utf-16'], Buffer.from(signup(), 'utf16le'), NO_TYPE],
    [['Content-Type: application/json; charset=utf-7'], plain(), NO_TYPE],
    [['Content-Type: application/json; charset=us-ascii'], plain(), NO_TYPE],
    [['Content-Type: application/json; charset="utf-8'], plain(), OK],
    [['Content-Type: application/json; charset=utf-8; charset=utf-16'], plain(), NO_TYPE],
    [['Content-Type: application/json; profile=x'], plain(), NO_TYPE],
    [['Content-Type: application/json, text/plain'], plain(), NO_TYPE],
    [['Content-Type: application/problem+json'], plain(), NO_TYPE],
    [['Content-Type: application/x+json'], plain(), NO_TYPE],
    [['Content-Type: text/json'], plain(), NO_TYPE],
    [['Content-Type: application/x-www-form-urlencoded'], plain(), NO_TYPE],
    [['Content-Type: */*'], plain(), NO_TYPE],
    [['Content-Type:'], plain(), NO_TYPE],
    [['Content-Type: application/json\xa0'], plain(), NO_TYPE],
    [[], plain(), NO_TYPE],
    [[json, json], plain(), NO_TYPE],
    [[json, coded('gzip')], gzipSync(plain()), NO_TYPE],
    [[json, coded('deflate')], deflateSync(plain()), NO_TYPE],
    [[json, coded('br')], brotliCompressSync(plain()), NO_TYPE],
    [[json, coded('identity')], plain(), NO_TYPE],
    [[json, coded('')], plain(), NO_TYPE],
    [[json, coded('gzip, identity')], gzipSync(plain()), NO_TYPE],
    [[json], gzipSync(plain()), NO_JSON],
  ]
  for (const [fields, body, outcome] of rows)
    t.same(await postTo(t, port, body, fields), outcome, fields.join(' | ') || 'no type')
})

t.test('hostile claims name the user whom they name, or the token is refused', async (t) => {
  const service = await startService(t)
  const { origin } = await startGateway(t, { upstream: service.url })
  const exp = START_SECONDS + 60
  const sub = '"sub":"user_ada"'
  const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`
  const rows: Array<[what: string, claims: string, user: string | undefined]> = [
    ['a prototype', `{${sub},"exp":${exp},"__proto__":{"sub":"user_eve","exp":1}}`, 'user_ada'],
    ['the user in a prototype', `{"exp":${exp},"__proto__":{"sub":"user_eve"}}`, undefined],
    ['the end in a prototype', `{${sub},"__proto__":{"exp":${exp}}}`, undefined],
    ['a constructor', `{${sub},"exp":${exp},"constructor":{"prototype":{"sub":"x"}}}`, 'user_ada'],
    ['a user called __proto__', `{"sub":"__proto__","exp":${exp}}`, '__proto__'],
    ['a user called constructor', `{"sub":"constructor","exp":${exp}}`, 'constructor'],
    ['two users: the last counts', `{"sub":"user_eve","exp":${exp},${sub}}`, 'user_ada'],
    ['an end beyond all numbers', `{${sub},"exp":1e400}`, undefined],
    ['a huge end', `{${sub},"exp":${'9'.repeat(400)}}`, undefined],
    ['an end with an exponent', `{${sub},"exp":${exp / 10}e1}`, 'user_ada'],
    ['arrays in each other', `{${sub},"exp":${exp},"x":${deep}}`, 'user_ada'],
    ['an audience that is deep', `{${sub},"exp":${exp},"aud":${deep}}`, undefined],
    ['half a surrogate', `{"sub":"\\ud800","exp":${exp}}`, undefined],
    ['NUL in a user', `{"sub":"a\\u0000b","exp":${exp}}`, 'a\0b'],
    ['line breaks in a user', `{"sub":"a\\r\\nX-Passport: b","exp":${exp}}`, 'a\r\nX-Passport: b'],
    ['a byte order mark', `\ufeff{${sub},"exp":${exp}}`, undefined],
  ]
  for (const [what, claims, user] of rows) {
    service.requests.splice(0)
    const headers = bearer(forge('{"alg":"HS256"}', claims))
    const response = await fetch(`${origin}/v1/proxy/a`, { headers })
    t.equal(response.status, user === undefined ? 401 : 200, what)
    t.equal(passportIn(service.requests[0]?.rawHeaders)?.user_id, user, what)
    if (user === undefined) t.match(await response.json(), { code: 'invalid_token' })
  }
})

const postTo = async (
  t: Test,
  port: number,
  body: string | Buffer,
  fields: string[],
): Promise<Outcome> => {
  const content = Buffer.from(body)
  const client = connectRaw(t, port)
  const lines = [...fields, `Content-Length: ${content.length}`, 'Connection: close', '', '']
  client.send('POST /v1/auth/signup HTTP/1.1', 'Host: a', ...lines)
  client.socket.write(content)
  const [head = '', text = '{}'] = (await client.untilClosed()).split('\r\n\r\n')
  const { code, errors } = JSON.parse(text) as { code?: string; errors?: Array<{ field: string }> }
  const faulty = errors?.map(({ field }) => field).join(' ')
  const status = Number(head.split(' ')[1])
  if (code === undefined) return [status]
  return faulty === undefined ? [status, code] : [status, code, faulty]
}
