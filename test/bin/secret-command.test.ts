import t from 'tap'
import { runSecret } from '../../bin/secret-command.js'
import { parseOptions } from '../../lib/config.js'
import { call } from '../support/command-io.js'

t.test('a secret is 32 random bytes on a line of its own, another each time', async (t) => {
  const [one, other] = [await call(runSecret, []), await call(runSecret, [])]
  t.match(one, { status: 0, stdout: /^[\w-]{43}\n$/, stderr: '' })
  t.not(one.stdout, other.stdout)
})

t.test('--ring makes a ring of it that a gateway takes, named for the day', async (t) => {
  const { status, stdout } = await call(runSecret, ['--ring'])
  t.equal(status, 0)
  t.match(stdout, /^\[\{"kid":"\d{4}-\d\d-\d\d-[0-9a-f]{4}","secret":"[\w-]{43}"\}\]\n$/)
  const jwtSecrets = JSON.parse(stdout) as unknown
  t.doesNotThrow(() => parseOptions({ jwtSecrets, upstream: 'http://127.0.0.1:9' }))
})

t.test('it has a help, and wrong use is told without a secret', async (t) => {
  for (const flag of ['--help', '-h'])
    t.match(await call(runSecret, [flag]), {
      status: 0,
      stdout: /^usage: passport-gateway secret \[--ring\]\n/,
    })
  for (const args of [['hunter22'], ['--ring', 'hunter22']])
    t.same(await call(runSecret, args), {
      status: 2,
      stdout: '',
      stderr: 'secret: takes --ring or --help, and nothing else',
    })
})
