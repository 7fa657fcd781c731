import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import bcrypt from 'bcrypt'
import t from 'tap'
import { createHashThreads } from '../../lib/users/hash-threads.js'
import { until } from '../support/until.js'

const threadCount = (): number => {
  const { workers } = process.report.getReport() as { workers: unknown[] }
  return workers.length
}

// The first, as threads of others may still be about to end.
t.test('threads end when they are not needed any more', async (t) => {
  const before = threadCount()
  const threads = createHashThreads()
  const [, second] = [await threads.hash('a', 4), threads.hash('b', 4)]
  await Promise.all([second, threads.hash('c', 4)])
  t.equal(threadCount(), before + 2)
  const late = threads.hash('d', 4)
  threads.close()
  t.match(await late, /^\$2b\$04\$/, 'what is under way is done')
  await until('none is left', () => threadCount() === before)
})

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

const run = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { timeout: 20_000 })).stdout

const PROGRAM = `
  import { createServer } from 'node:http'
  import { createGateway } from '${new URL('../../dist/lib/index.js', import.meta.url)}'
  const jwtSecret = 'a secret of thirty-two bytes or more'
  const gateway = createGateway({ jwtSecret, upstream: 'http://127.0.0.1:9' })
  const server = createServer(gateway.handler)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const signUp = async (name) => {
    const response = await fetch('http://127.0.0.1:' + server.address().port + '/v1/auth/signup', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: name + '@example.com', password: 'correct horse' }),
    })
    console.log(response.status)
  }
  const countThreads = () => process.report.getReport().workers.length
  const before = countThreads()
  await signUp('ada')`

t.test('a program that is given as text has threads, and ends with them', async (t) => {
  t.equal(await run('--input-type=module', '--eval', `${PROGRAM}; server.close()`), '201\n')
})

t.test('a thread that breaks while it does nothing is not used again', async (t) => {
  const dir = t.testdir({
    'breaks.mjs': `
      import { isMainThread } from 'node:worker_threads'
      if (!isMainThread) setTimeout(() => { throw new Error('of what else is loaded') }, 300)`,
    'program.mjs': `${PROGRAM}
      while (countThreads() > before) await new Promise((resolve) => setTimeout(resolve, 20))
      await signUp('grace')
      server.close()`,
  })
  const breaks = pathToFileURL(join(dir, 'breaks.mjs')).href
  t.equal(await run('--import', breaks, join(dir, 'program.mjs')), '201\n201\n')
})
