import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import type { Call } from './calls.js'
import { StoreError } from './engine.js'
import { openingProblem } from './sqlite-file.js'
import type { SqliteDatabase } from './sqlite-handle.js'
import { openSqlite, pendingInSqlite, type SqliteFileOptions } from './sqlite-service.js'

/** What the worker is started with. */
export interface SqliteWorkerData extends SqliteFileOptions {
  /** `node:sqlite`, `libsql`; the first of them that is there where it is `undefined`. */
  driver: string | undefined
  pollMs: number
  /** Whether it is only to say what the schema lacks. */
  isDry: boolean
}

const ADDS = new Set(['revocations.addToken', 'revocations.raiseUser'])

type Connect = new (file: string) => SqliteDatabase
interface Driver {
  DatabaseSync?: Connect
  default: Connect
}

const load = async (driver: string | undefined): Promise<Connect> => {
  // In this thread alone: that node:sqlite is experimental on some versions is known.
  process.removeAllListeners('warning')
  for (const name of driver ? [driver] : ['node:sqlite', 'libsql']) {
    const loaded = (await import(name).catch(() => undefined)) as Driver | undefined // by their shape
    if (loaded) return loaded.DatabaseSync ?? loaded.default
  }
  throw new StoreError(
    'SQLite needs Node 22.13 or newer, or the package libsql: npm install libsql',
    { isPassing: false },
  )
}

const serve = async (port: MessagePort, data: SqliteWorkerData): Promise<void> => {
  const Database = await load(data.driver)
  if (data.isDry) {
    const pending = pendingInSqlite((file) => new Database(file), data.file)
    port.postMessage({ pending })
    return port.close()
  }
  const service = openSqlite((file) => new Database(file), data)
  let waiting: Call[] = []
  const end = (): void => {
    clearInterval(poll)
    service.close()
    port.close()
  }
  const poll = setInterval(() => {
    // What is written to a file that was deleted is lost: better none than that one.
    if (!service.isThere()) end()
    else if (service.hasNews()) port.postMessage('news')
  }, data.pollMs)
  const run = (): void => {
    const requests = waiting
    waiting = []
    if (!service.isThere()) return end()
    for (const answer of service.run(requests)) port.postMessage(answer)
    if (requests.some(({ verb }) => ADDS.has(verb))) port.postMessage('news')
  }
  port.on('message', (message: Call | 'end') => {
    if (message === 'end') return end()
    if (waiting.push(message) === 1) setImmediate(run)
  })
  port.postMessage('ready')
}

// This file is only ever run as a worker, which has a port.
const port = parentPort as MessagePort
serve(port, workerData as SqliteWorkerData).catch((error: unknown) => {
  const { message, isPassing } = openingProblem(error)
  port.postMessage({ message, isPassing })
  port.close()
})
