import t from 'tap'
import { requestHead } from '../../lib/proxy/request-head.js'

const GET = { method: 'GET', path: '/', headers: ['Host', 'a'], isFresh: false }

t.test('a request is written as it is given, and says what becomes of its connection', (t) => {
  t.equal(requestHead(GET), 'GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
  t.equal(
    requestHead({ ...GET, isFresh: true }),
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  t.equal(
    requestHead({
      method: 'M-SEARCH',
      path: '/%20?\xe9',
      headers: ['connection-x', '', 'Connection', 'Upgrade', 'A', ' \t\xff'],
      isFresh: true,
    }),
    'M-SEARCH /%20?\xe9 HTTP/1.1\r\nconnection-x: \r\nConnection: Upgrade\r\nA:  \t\xff\r\n\r\n',
  )
  t.end()
})

t.test('what would be read as something else is no request', (t) => {
  const breaks = ['\r', '\n', '\r\n', '\0', '\x01', '\x7f', '\u0100', '\u010a', '\u560a']
  const rows: object[] = [
    { method: '' },
    { method: 'GET /' },
    { method: 'GÉT' },
    { path: '' },
    { path: '/ ' },
    { path: '/\t' },
    { headers: ['A ', 'b'] },
    { headers: ['A:b', 'c'] },
    { headers: ['\xe9', 'b'] },
    { headers: ['\tA', 'b'] },
    ...breaks.flatMap((one) => [
      { method: `GET${one}` },
      { path: `/${one}` },
      { path: `${one}/` },
      { headers: [`A${one}`, 'b'] },
      { headers: ['A', `b${one}`] },
      { headers: ['A', `${one}b`, 'C', 'd'] },
      { headers: ['A', `b${one}Content-Length: 5`] },
    ]),
  ]
  for (const row of rows)
    t.throws(
      () => requestHead({ ...GET, ...row }),
      { code: 'invalid_request' },
      JSON.stringify(row),
    )
  t.end()
})
