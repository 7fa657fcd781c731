import t from 'tap'
import { postJson, startGateway } from '../support/gateways.js'
import { connectRaw } from '../support/raw-client.js'

const ADA = { email: 'ada@example.com', password: 'correct horse' }

const claimsOf = async (response: Response): Promise<Record<string, unknown>> => {
  const { token } = (await response.json()) as { token: string }
  return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as never
}

t.test(
  'country and platform come from fields of a trusted proxy, and from no one else',
  async (t) => {
    const signup = { countryHeader: 'CF-IPCountry', platformHeader: 'X-Client-Platform' }
    const trusting = await startGateway(t, { signup, trustProxy: ['127.0.0.0/8'] })
    const alone = await startGateway(t, { signup })
    let count = 0
    const claims = async (origin: string, headers: Record<string, string>): Promise<object> => {
      const body = { ...ADA, email: `${count++}@b.c`, country: 'FR', platform: 'web' }
      return claimsOf(await postJson(`${origin}/v1/auth/signup`, body, headers))
    }
    const fields = { 'CF-IPCountry': 'in', 'X-Client-Platform': 'Android' }
    t.match(await claims(trusting.origin, fields), { country: 'IN', platform: 'android' })
    t.match(await claims(trusting.origin, {}), { country: 'FR', platform: 'web' })
    const nonsense = { 'CF-IPCountry': 'T1', 'X-Client-Platform': 'a b' }
    t.match(await claims(trusting.origin, nonsense), { country: 'FR', platform: 'web' })
    t.match(await claims(alone.origin, fields), { country: 'FR', platform: 'web' })
  },
)

t.test(
  'of two countries that a request names one is the client’s: neither is believed',
  async (t) => {
    const { port } = await startGateway(t, {
      signup: { countryHeader: 'CF-IPCountry' },
      trustProxy: ['127.0.0.1'],
    })
    const body = JSON.stringify({ ...ADA, country: 'FR' })
    const client = connectRaw(t, port)
    client.send(
      'POST /v1/auth/signup HTTP/1.1',
      'Host: a',
      'CF-IPCountry: IN',
      'CF-IPCountry: DE',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
    )
    const answer = await client.until(/\}$/)
    t.match(await claimsOf(new Response(answer.split('\r\n\r\n')[1])), { country: 'FR' })
  },
)

t.test('a proxy that is trusted names no country unless a field for it is', async (t) => {
  const { origin } = await startGateway(t, { trustProxy: ['127.0.0.1'] })
  const body = { ...ADA, country: 'FR' }
  const response = await postJson(`${origin}/v1/auth/signup`, body, { 'CF-IPCountry': 'IN' })
  t.match(await claimsOf(response), { country: 'FR' })
})
