// Where targets are.
import { createServer } from 'node:http'
import t from 'tap'
import { createLookup, type Resolve } from '../../lib/proxy/addresses.js'
import { parseTargetUrl } from '../../lib/proxy/target-url.js'
import { bearer, startGateway } from '../support/gateways.js'
import { listenWhile } from '../support/listening.js'

const V4 = { address: '192.0.2.1', family: 4 }
const OTHER_V4 = { address: '192.0.2.2', family: 4 }
const V6 = { address: '2001:db8::1', family: 6 }

t.test('every address of a name has its turn, and the last known serve when it is gone', (t) => {
  let calls = 0
  let answer: Parameters<Parameters<Resolve>[2]> = [null, [V4, V6, OTHER_V4]]
  let release: (() => void) | undefined
  const lookup = createLookup((_hostname, _options, callback) => {
    calls++
    if (release) release = () => callback(...answer)
    else callback(...answer)
  })
  const ask = (options: object = { all: true }): unknown => {
    let result: unknown
    lookup('a.example', options, (error, address, family) => {
      result = error?.code ?? (Array.isArray(address) ? address : [address, family])
    })
    return result
  }
  t.same(ask(), [V4, V6, OTHER_V4])
  t.same(ask(), [V6, OTHER_V4, V4])
  t.same(ask({}), [OTHER_V4.address, 4])
  t.same(ask({ family: 6, all: true }), [V6])
  t.equal(calls, 4, 'each connection looks the name up anew')
  answer = [Object.assign(new Error('gone'), { code: 'EAI_AGAIN' }), []]
  t.equal((ask() as unknown[]).length, 3)
  answer = [null, [V4]]
  t.same(ask(), [V4])
  t.same(ask({ family: 6 }), 'ENOTFOUND')
  release = () => {}
  const results: unknown[] = []
  for (let i = 0; i < 3; i++) lookup('a.example', { all: true }, (_, found) => results.push(found))
  t.equal(calls, 8, 'those that wait at once wait for one answer')
  release()
  t.same(results, [[V4], [V4], [V4]])
  t.end()
})

t.test('where ten thousand wait for a name, who comes has the last known addresses', (t) => {
  let isSilent = false
  const warm = createLookup((_hostname, _options, callback) => {
    if (!isSilent) callback(null, [V4])
  })
  warm('a.example', {}, () => {})
  isSilent = true
  const cold = createLookup(() => {})
  const answers: unknown[] = []
  for (const lookup of [warm, cold]) {
    const ask = (): void =>
      lookup('a.example', {}, (error, address) => answers.push(error?.code ?? address))
    for (let i = 0; i < 10_000; i++) ask()
    t.same(answers.splice(0), [])
    ask()
    t.same(answers.splice(0), [lookup === warm ? V4.address : 'ENOTFOUND'])
  }
  t.end()
})

t.test('one that fails to ask, or answers twice, is no name without an address for ever', (t) => {
  let isFaulty = true
  const lookup = createLookup((_hostname, _options, callback) => {
    if (isFaulty) throw new Error('no resolver')
    callback(null, [V4])
    callback(null, [V6])
  })
  lookup('a.example', {}, (error) => t.equal(error?.code, 'ENOTFOUND'))
  isFaulty = false
  lookup('a.example', {}, (_, address) => t.equal(address, V4.address))
  t.end()
})

t.test('a name that never had an address is an error', (t) => {
  for (const [answer, code] of [
    [[Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []], 'ENOTFOUND'],
    [[Object.assign(new Error('no'), { code: 'EAI_AGAIN' }), []], 'EAI_AGAIN'],
    [[null, []], 'ENOTFOUND'],
  ] as Array<[Parameters<Parameters<Resolve>[2]>, string]>) {
    const lookup = createLookup((_hostname, _options, callback) => callback(...answer))
    lookup('a.example', {}, (error) => t.equal(error?.code, code))
  }
  t.end()
})

t.test('the URL of a target is read, or refused without being repeated', (t) => {
  t.same(parseTargetUrl('http://a.example'), {
    protocol: 'http:',
    connect: { host: 'a.example', port: 80 },
    authority: 'a.example',
    basePath: '',
  })
  t.match(parseTargetUrl('https://a.example/b//'), {
    protocol: 'https:',
    connect: { port: 443 },
    basePath: '/b',
  })
  t.match(parseTargetUrl('http://[::1]:81'), {
    connect: { host: '::1', port: 81 },
    authority: '[::1]:81',
  })
  t.same(parseTargetUrl('unix:/run/a b.sock'), {
    protocol: 'http:',
    connect: { path: '/run/a b.sock' },
    authority: 'localhost',
    basePath: '',
  })
  for (const url of [
    '',
    'hunter22',
    'ftp://hunter22',
    'http://hunter22@a',
    'http://:hunter22@a',
    'http://a?hunter22',
    'http://a#hunter22',
    'unix:hunter22',
    'ws://hunter22',
  ])
    t.throws(() => parseTargetUrl(url), { name: 'RangeError', message: /^must be http[^]*socket$/ })
  t.end()
})

t.test('a target may have an IPv6 address, and a name addresses of both kinds', async (t) => {
  const server = createServer((request, response) => void response.end(request.headers.host))
  const port = await listenWhile(t, server, '::1')
  const both = [
    { address: '127.0.0.1', family: 4 }, // nothing listens there
    { address: '::1', family: 6 },
  ]
  const resolve: Resolve = (_hostname, _options, callback) => process.nextTick(callback, null, both)
  for (const upstream of [`http://[::1]:${port}`, `http://a.example:${port}`]) {
    const { origin } = await startGateway(t, { upstream }, { resolve })
    const response = await fetch(`${origin}/v1/proxy/`, { headers: bearer() })
    t.equal(`http://${await response.text()}`, upstream)
  }
})
