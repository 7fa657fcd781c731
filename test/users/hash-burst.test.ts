import bcrypt from 'bcrypt'
import t from 'tap'
import { bearer, postJson, startGateway } from '../support/gateways.js'
import { startService } from '../support/services.js'

t.test('a burst of 200 logins stalls no proxied request behind it', async (t) => {
  const service = await startService(t)
  const passwordHasher = {
    hash: async (password: string) => `$2b$10$${(await bcrypt.hash(password, 8)).slice(7)}`,
    compare: (password: string, hash: string) =>
      bcrypt.compare(password, hash.replace('$10', '$08')),
  }
  // By name, so that each connection to the service needs a thread for its look-up.
  const upstream = `http://localhost:${service.port}`
  const { origin } = await startGateway(t, { upstream }, { passwordHasher })
  const ada = { email: 'ada@example.com', password: 'correct horse' }
  t.equal((await postJson(`${origin}/v1/auth/signup`, ada)).status, 201)
  let answered = 0
  const logins = Array.from({ length: 200 }, async () => {
    const { status } = await postJson(`${origin}/v1/auth/login`, ada)
    answered++
    return status
  })
  for (let i = 0; i < 20; i++)
    t.equal((await fetch(`${origin}/v1/proxy/`, { headers: bearer() })).status, 200)
  t.ok(answered < 100, `${answered} logins were answered meanwhile`)
  t.ok((await Promise.all(logins)).every((status) => status === 200))
})
