import { EventEmitter } from 'node:events'
import t from 'tap'
import { failureOf } from '../../bin/explain-failure.js'
import { UsageError } from '../../bin/command-line.js'
import { createForks } from '../../bin/forks.js'
import { StoreError } from '../../lib/stores/engine.js'
import { WorkerFailed } from '../../lib/workers/worker.js'

/** A cluster whose one worker does what a test says. */
const fakeCluster = () => {
  const sent: unknown[] = []
  const child = Object.assign(new EventEmitter(), {
    pid: 7 as number | undefined,
    kill: (signal: string) => sent.push(signal),
  })
  let isConnected = true
  const worker = Object.assign(new EventEmitter(), {
    process: child,
    isConnected: () => isConnected,
    send: (message: unknown, done: () => void) => {
      sent.push(message)
      done()
    },
  })
  const settings: unknown[] = []
  const cluster = {
    SCHED_RR: 2,
    schedulingPolicy: 1,
    setupPrimary: (given?: object) => void settings.push(given),
    fork: (env: Record<string, string>) => {
      settings.push(env)
      return worker
    },
  }
  const disconnect = (): void => void (isConnected = false)
  return { cluster, worker, child, sent, settings, disconnect }
}

t.test('a fork has a share of the connections, and is sent what it is told', async (t) => {
  const { cluster, worker, child, sent, settings, disconnect } = fakeCluster()
  const fork = createForks(cluster)
  t.equal(cluster.schedulingPolicy, cluster.SCHED_RR)
  const process = fork()
  t.same(settings, [{ serialization: 'advanced' }, { PASSPORT_GATEWAY_WORKER: 'true' }])
  t.equal(process.pid, 7)
  const taken: unknown[] = []
  process.onMessage((message) => taken.push(message))
  worker.emit('message', { note: 'here' })
  t.same(taken, [{ note: 'here' }])
  let count = 0
  process.send('a', () => count++)
  disconnect()
  process.send('b', () => count++)
  t.same(sent, ['a'])
  t.equal(count, 2, 'who has gone is not waited for')
  process.kill()
  t.same(sent, ['a', 'SIGKILL'])
  child.emit('error', Object.assign(new Error('no such process'), { code: 'ESRCH' }))
  child.emit('exit', null, 'SIGKILL')
  t.equal(await process.ended, 'SIGKILL')
})

t.test('how one ended is told, also where it never began', async (t) => {
  const ended = fakeCluster()
  const process = createForks(ended.cluster)()
  ended.child.emit('exit', 3, null)
  t.equal(await process.ended, 'exit status 3')
  const none = fakeCluster()
  none.child.pid = undefined
  const unborn = createForks(none.cluster)()
  none.child.emit('error', Object.assign(new Error('too many'), { code: 'EAGAIN' }))
  t.equal(await unborn.ended, 'EAGAIN')
  t.equal(unborn.pid, 0)
})

t.test(
  'why one does not start is told on a terminal, and in the log without what is not ours',
  (t) => {
    const failure = { lines: ['a'], status: 1, cause: 'a' }
    t.equal(failureOf(new WorkerFailed(failure)), failure)
    t.same(failureOf(new UsageError(['--port: x', '--host: y'])), {
      lines: ['--port: x', '--host: y'],
      status: 2,
      cause: '--port: x; --host: y',
    })
    const store = 'cannot start: the store cannot be reached'
    t.same(failureOf(new StoreError('the store cannot be reached', { isPassing: true })), {
      lines: [store],
      status: 1,
      cause: store,
    })
    const taken = 'port 80 is taken; give another with --port'
    const inUse = Object.assign(new Error(), { code: 'EADDRINUSE', port: 80 })
    t.same(failureOf(inUse), { lines: [taken], status: 1, cause: taken })
    t.same(failureOf(new TypeError('hunter22')), {
      lines: ['cannot start: hunter22'],
      status: 1,
      cause: 'TypeError',
    })
    t.end()
  },
)
