import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { createClientResolver, type Client } from '../../lib/http/client-address.js'

const request = (
  remoteAddress: string | undefined,
  fields: Record<string, string> = {},
  socket = {},
): IncomingMessage =>
  ({
    socket: { remoteAddress, ...socket },
    headers: { host: 'inner.example' },
    rawHeaders: Object.entries(fields).flat(),
  }) as never // only what the resolver reads

const resolve = createClientResolver(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'])

t.test('the client is the last address that is not a trusted proxy', (t) => {
  const rows: Array<[string, string, string]> = [
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'], // not trusted: not believed
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', 'made-up, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['10.0.0.1', '198.51.100.1, unknown, 10.9.9.9', '10.9.9.9'],
    ['10.0.0.1', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['10.0.0.1', '[2001:db9::1]:4711', '2001:db9::1'],
    ['10.0.0.1', '[2001:db9::1]', '2001:db9::1'],
    ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '::FFFF:c633:6401', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['2001:db8::7', '198.51.100.1', '198.51.100.1'],
    ['192.0.2.1', '198.51.100.1', '198.51.100.1'],
    ['192.0.2.2', '198.51.100.1', '192.0.2.2'],
  ]
  for (const [peer, chain, address] of rows)
    t.equal(
      resolve(request(peer, { 'x-forwarded-for': chain })).address,
      address,
      `${peer}, ${chain}`,
    )
  t.match(resolve(request(undefined)), { address: '', peer: '', isTrustedPeer: false })
  t.end()
})

t.test('scheme and host are believed of a trusted proxy, the last word counting', (t) => {
  const fields = { 'X-Forwarded-Proto': 'http, HTTPS', 'X-Forwarded-Host': 'a.example, b.example' }
  const expected: Partial<Client> = { proto: 'https', host: 'b.example', isTrustedPeer: true }
  t.match(resolve(request('10.0.0.1', fields)), expected)
  t.match(resolve(request('203.0.113.9', fields)), { proto: 'http', host: 'inner.example' })
  t.match(resolve(request('10.0.0.1', { 'x-forwarded-proto': 'gopher' })), { proto: 'http' })
  t.match(resolve(request('203.0.113.9', {}, { encrypted: true })), { proto: 'https' })
  t.end()
})

t.test('a range is of one family: all of IPv6 is nothing of IPv4, and the other way round', (t) => {
  const rows: Array<[string, string, boolean]> = [
    ['::/0', '2001:db8::1', true],
    ['::/0', '192.0.2.1', false],
    ['::/0', '::ffff:192.0.2.1', false],
    ['::/1', '192.0.2.1', false],
    ['::ffff:0:0/96', '192.0.2.1', true],
    ['::/0', '0:0:0:0:0:ffff::1', false],
    ['::/0', '::ffff:10.0.0.1%eth0', true],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '::ffff:192.0.2.1', true],
    ['0.0.0.0/0', '::1', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.0.0.1', false],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.1', '10.0.0.2', false],
    ['0:0:0:0:0:FFFF:0a00:0/104', '10.9.9.9', true],
    ['::/0', '::FFFF:10.0.0.1', false],
    ['::/0', '::ffff:a00:1', false],
    ['0::0:ffff:a00:1', '10.0.0.1', true],
    ['0.0.0.0/0', '1::ffff:10.0.0.1', false],
    ['0.0.0.0/0', '::ffff:0:10.0.0.1', false],
    ['0.0.0.0/0', '::ffff:1', false],
    ['::/0', '::ffff:1', true],
  ]
  for (const [range, peer, isTrustedPeer] of rows)
    t.match(createClientResolver([range])(request(peer)), { isTrustedPeer }, `${peer} in ${range}`)
  t.end()
})

t.test('what is neither an address nor a range is refused', (t) => {
  for (const entry of [
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0/8',
    '1.2.3.4/-1',
    '1.2.3.4/1e1',
    '::ffff:1.2.3.4/95',
    '::ffff:1.2.3.4/129',
  ])
    t.throws(() => createClientResolver([entry]), RangeError, entry)
  for (const entry of ['0.0.0.0/0', '::/0', '::1', '10.0.0.0/32'])
    t.doesNotThrow(() => createClientResolver([entry]), entry)
  t.end()
})
