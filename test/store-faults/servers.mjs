// The servers of test/support that stores are in, and what is done to them. None outlives the runner.
import { Redis } from 'ioredis'
import { Client } from 'pg'
import '../support/typescript.mjs'

const { startPostgres } = await import('../support/postgres.ts')
const { startRedis } = await import('../support/redis.ts')

const PASSWORD = 'kept-from-the-log-1'

/** `folder` is where its data is, if not where the system keeps such things. */
export const postgres = async ({ folder } = {}) => {
  const { TMPDIR } = process.env
  if (folder) process.env.TMPDIR = folder
  const server = await startPostgres({ password: PASSWORD, isDurable: true }).finally(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  /** As the owner, over a connection that was there before a password was changed. */
  const operator = async () => {
    const client = new Client({ connectionString: urlAt(server.port) })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const urlAt = (port, password = PASSWORD) =>
    `postgres://gw:${password}@127.0.0.1:${port}/postgres`
  let held
  return leashed({
    ...server,
    urlAt,
    password: PASSWORD,
    /** Nobody who is connected stays so, and the password is another one. */
    lockOut: async () => {
      held = await operator()
      await held.query(`alter role gw password 'another'`)
      await held.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()',
      )
    },
    letIn: async () => {
      await held.query(`alter role gw password '${PASSWORD}'`)
      await held.end()
    },
    isUp: () =>
      operator().then(
        (client) => client.end().then(() => true),
        () => false,
      ),
  })
}

export const redis = async () => {
  const server = await startRedis({ password: PASSWORD })
  const urlAt = (port, password = PASSWORD) => `redis://:${password}@127.0.0.1:${port}`
  /** Sends commands one after another, over one connection. */
  const command = async (...commands) => {
    const client = new Redis(urlAt(server.port), { retryStrategy: () => null })
    client.on('error', () => {})
    const answers = []
    for (const [name, ...args] of commands) answers.push(await client.call(name, ...args))
    client.disconnect()
    return answers
  }
  let held
  return leashed({
    ...server,
    urlAt,
    password: PASSWORD,
    lockOut: async () => {
      held = new Redis(urlAt(server.port))
      await held.call('CONFIG', 'SET', 'requirepass', 'another')
      for (const type of ['normal', 'pubsub']) await held.call('CLIENT', 'KILL', 'TYPE', type)
    },
    letIn: async () => {
      await held.call('CONFIG', 'SET', 'requirepass', PASSWORD)
      held.disconnect()
    },
    /** Leaves so many bytes of memory. */
    fill: async (leftBytes) => {
      const [info] = await command(['INFO', 'memory'])
      const used = Number(/used_memory:(\d+)/.exec(info)[1])
      await command(['CONFIG', 'SET', 'maxmemory', String(used + leftBytes)])
    },
    empty: async () => void (await command(['CONFIG', 'SET', 'maxmemory', '0'])),
  })
}

const leashed = (server) => {
  const end = () => {
    server.thaw()
    void server.kill()
  }
  process.once('exit', end)
  return {
    ...server,
    stop: () => {
      process.off('exit', end)
      return server.stop()
    },
  }
}
