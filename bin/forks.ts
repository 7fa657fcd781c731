import type { Cluster, Worker } from 'node:cluster'
import type { Serializable } from 'node:child_process'
import type { WorkerProcess } from '../lib/workers/worker.js'

/** What is used of `node:cluster`. */
export interface ClusterParts extends Pick<
  Cluster,
  'SCHED_RR' | 'schedulingPolicy' | 'setupPrimary'
> {
  fork: (env: Record<string, string>) => ForkedWorker
}

/** What is used of a worker of it. */
interface ForkedWorker extends Pick<Worker, 'isConnected'> {
  process: {
    pid?: number | undefined
    once: (event: 'exit', act: (status: number | null, signal: string | null) => void) => unknown
    on: (event: 'error', act: (error: NodeJS.ErrnoException) => void) => unknown
    kill: (signal: 'SIGKILL') => unknown
  }
  on: (event: 'message', take: (message: unknown) => void) => unknown
  send: (message: Serializable, sent: () => void) => unknown
}

/** In the environment of a process that this command has forked; others fork with `node:cluster` too. */
export const WORKER_MARK = 'PASSPORT_GATEWAY_WORKER'

/** What forks this command, with the same arguments; each fork gets its share of the connections in turn. */
export const createForks = (cluster: ClusterParts): (() => WorkerProcess) => {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ serialization: 'advanced' }) // bytes stay bytes
  return () => {
    const worker = cluster.fork({ [WORKER_MARK]: 'true' })
    const { process } = worker
    return {
      pid: process.pid ?? 0,
      send: (message, sent) => {
        if (worker.isConnected()) worker.send(message as Serializable, () => sent())
        else sent()
      },
      onMessage: (take) => void worker.on('message', take),
      ended: new Promise((resolve) => {
        process.once('exit', (status, signal) => resolve(signal ?? `exit status ${status}`))
        process.on('error', ({ code }) => {
          if (process.pid === undefined) resolve(String(code)) // it could not be started
        })
      }),
      kill: () => void process.kill('SIGKILL'),
    }
  }
}
