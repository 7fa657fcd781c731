// The examples as a user would run them, and the vectors that hold the format, read by two programs.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import {
  mintPassport,
  readPassport,
  type BoundRequest,
  type Passport,
  type PassportRejection,
} from '../../lib/passport/index.js'

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Vectors {
  secret: string
  nowSeconds: number
  vectors: Array<{
    name: string
    headers: Record<string, string>
    /** What the signature must be bound to. */
    request?: BoundRequest
    anonymous?: 'accept'
    /** What is read, or else the `reason` of the refusal. */
    passport?: Passport
    reason?: PassportRejection
  }>
}

const { secret, nowSeconds, vectors } = JSON.parse(
  readFileSync(file('vectors.json'), 'utf8'),
) as Vectors

t.test('each vector is read as it says', (t) => {
  t.ok(vectors.length > 20, 'all of them are seen')
  for (const { name, headers, request, anonymous, passport, reason } of vectors) {
    const options = { secret, now: () => nowSeconds * 1000, ...(request && { request }) }
    const reading = readPassport(headers, { ...options, anonymous: anonymous ?? 'refuse' })
    t.same(reading, passport ? { ok: true, passport } : { ok: false, reason }, name)
  }
  t.end()
})

t.test('each valid vector is what is minted', (t) => {
  for (const { name, headers, request, passport } of vectors)
    if (passport)
      t.same(
        mintPassport(passport, { secret, kid: '2030-03', ...(request && { request }) }),
        headers,
        name,
      )
  t.end()
})

t.test('a script of openssl alone reads each vector in the same way', async (t) => {
  for (const { name, headers, request, anonymous, passport } of vectors) {
    const env = {
      PATH: process.env['PATH'],
      PASSPORT_SECRET: secret,
      NOW_SECONDS: String(nowSeconds),
      X_PASSPORT: headers['X-Passport'],
      X_PROXY_STATE: headers['X-Proxy-State'],
      X_PASSPORT_SIGNATURE: headers['X-Passport-Signature'],
      REQUEST_METHOD: request?.method,
      REQUEST_TARGET: request?.path,
      ANONYMOUS: anonymous,
    }
    const child = execFile(file('../examples/verify-passport.sh'), { env })
    const [output, [code]] = await Promise.all([
      text(child.stdout as Readable),
      once(child, 'exit'),
    ])
    t.same([code, output], passport ? [0, `${JSON.stringify(passport)}\n`] : [1, ''], name)
  }
})

t.test('no command line of the script holds a secret', (t) => {
  const script = readFileSync(file('../examples/verify-passport.sh'), 'utf8')
  const calls = [...script.matchAll(/^[^#\n]*openssl (?!{)([^)|\n]*)/gm)].map(([, rest]) =>
    rest?.trim(),
  )
  t.same(calls, ['dgst -sha256 -r', 'base64 -A', 'base64 -d -A'])
  t.end()
})

for (const name of ['node-http', 'express', 'fastify'])
  t.test(`the example ${name}.mjs greets the holder of a passport, and nobody else`, async (t) => {
    const env = { ...process.env, PASSPORT_SECRET: secret, PORT: '0', NODE_OPTIONS: '' }
    const child = spawn(process.execPath, [file(`../examples/${name}.mjs`)], { env })
    t.teardown(() => child.kill())
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    const port = /^listening on (\d+)\n$/.exec(line)?.[1]
    const ask = async (headers: Record<string, string>): Promise<[number, string]> => {
      const response = await fetch(`http://localhost:${port}/`, { headers })
      return [response.status, await response.text()]
    }
    t.same(await ask(mintPassport({ user_id: 'user_ada' }, { secret })), [200, 'hello user_ada\n'])
    t.match(await ask({}), [401, /"passport_required"/])
    const [complaint] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
    t.equal(complaint, 'passport refused: missing\n')
  })

t.test('an example without its secret does not start', async (t) => {
  const env = { PATH: process.env['PATH'] }
  const child = spawn(process.execPath, [file('../examples/node-http.mjs')], { env })
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.equal(code, 1)
  t.match(output, /RangeError: a passport secret has at least 32 bytes/)
})

t.test('the README tells when each reason is given', (t) => {
  const readme = readFileSync(file('../../README.md'), 'utf8')
  const reasons = {
    missing: 0,
    duplicate: 0,
    too_long: 0,
    malformed: 0,
    unsigned: 0,
    malformed_signature: 0,
    unknown_key: 0,
    bad_signature: 0,
    expired: 0,
    not_yet_valid: 0,
    anonymous: 0,
  } satisfies Record<PassportRejection, 0>
  for (const reason of Object.keys(reasons))
    t.match(readme, new RegExp(`^\\|[^|]*\`${reason}\`[^|]*\\| [^|]+ \\|$`, 'm'), reason)
  t.end()
})
