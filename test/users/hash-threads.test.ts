import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import bcrypt from 'bcrypt'
import t from 'tap'
import { createHashThreads } from '../../lib/users/hash-threads.js'
import { until } from '../support/until.js'

const threadCount = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

t.test('passwords are hashed and compared as bcrypt does it', async (t) => {
  const threads = createHashThreads()
  t.teardown(() => threads.close())
  const hash = await threads.hash('correct horse', 4)
  t.equal(bcrypt.getRounds(hash), 4)
  t.equal(await bcrypt.compare('correct horse', hash), true)
  t.equal(await threads.compare('correct horse', hash), true)
  t.equal(await threads.compare('correct horsE', hash), false)
  t.equal(await threads.compare('correct horse', 'malformed'), false)
})

t.test('several at once are each answered with their own', async (t) => {
  const threads = createHashThreads()
  t.teardown(() => threads.close())
  const passwords = ['one', 'another', 'a third']
  const hashes = await Promise.all(passwords.map((password) => threads.hash(password, 4)))
  const matches = await Promise.all(
    passwords.flatMap((password) => hashes.map((hash) => threads.compare(password, hash))),
  )
  t.same(matches, [true, false, false, false, true, false, false, false, true])
})

t.test('a thread that fails fails its work alone', async (t) => {
  const threads = createHashThreads()
  t.teardown(() => threads.close())
  const failing = threads.hash(undefined as never, 4)
  const other = threads.hash('a', 4)
  await t.rejects(failing, /data and salt/)
  t.equal(await threads.compare('a', await other), true)
  t.equal(await threads.compare('a', await threads.hash('a', 4)), true, 'there is another')
})

t.test('threads end when they are not needed any more', async (t) => {
  const before = threadCount()
  const threads = createHashThreads()
  await threads.hash('a', 4)
  const late = threads.hash('b', 4)
  threads.close()
  t.match(await late, /^\$2b\$04\$/, 'what is under way is done')
  await until('none is left', () => threadCount() === before)
})

t.test('a program that is given as text has threads, and ends with them', async (t) => {
  const built = new URL('../../dist/lib/index.js', import.meta.url)
  const text = `
    import { createGateway } from '${built}'
    const jwtSecret = 'a secret of thirty-two bytes or more'
    const gateway = createGateway({ jwtSecret, upstream: 'http://127.0.0.1:9' })
    const { port } = await gateway.listen(0)
    const response = await fetch('http://127.0.0.1:' + port + '/v1/auth/signup', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse' }),
    })
    console.log(response.status)
    await gateway.close()`
  const args = ['--input-type=module', '--eval', text]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
  t.equal(stdout, '201\n')
})
