import cluster, { type Worker } from 'node:cluster'
import { createGateway } from '../lib/gateway.js'
import type { Gateway, GatewayParts } from '../lib/gateway-parts.js'
import { createMember, type Member } from '../lib/workers/member.js'
import type { Place, WorkerNote } from '../lib/workers/messages.js'
import type { CommandLine } from './command-line.js'
import { failureOf } from './explain-failure.js'
import { startLog } from './start-log.js'
import { readStartSettings } from './start-settings.js'

/** Serves as one of several processes, for the one that has started it. */
export const serveAsWorker = async (commandLine: CommandLine): Promise<void> => {
  // A terminal tells the whole group; what is to be done the primary says.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const member = createMember((message) => send(message as WorkerNote))
  process.on('message', (message) => member.take(message))
  member.tell({ note: 'here' })
  const self = cluster.worker as Worker // only a worker comes here
  self.once('disconnect', () => {
    self.exitedAfterDisconnect = true // else node ends it at once
    member.leave()
  })
  let gateway: Gateway | undefined
  void member.closing.then(async (idleMs) => {
    if (!gateway) process.exit() // nobody was served yet
    await gateway.close({ idleMs })
    send({ note: 'left', figures: member.figures() }, () => process.exit())
  })
  try {
    gateway = await start(commandLine, member, await member.place)
  } catch (error) {
    const failure = failureOf(error)
    send({ note: 'failed', failure }, () => process.exit(failure.status))
  }
}

const send = (note: WorkerNote, sent = (): void => {}): void => {
  if (process.connected) process.send?.(note, undefined, undefined, sent)
  else sent()
}

const start = async (
  commandLine: CommandLine,
  member: Member,
  { slot, count, stopgaps, ports }: Place,
): Promise<Gateway> => {
  const { settings, sourceOf } = readStartSettings(commandLine, process.env, new Map(stopgaps))
  const { host, port, logLevel, workers: _, ...options } = settings
  if (options.admin.port === 0) options.admin.port = ports.admin
  const log = startLog(process, () => logLevel, { worker: slot })
  const parts: GatewayParts = { log, sourceOf, fellows: member.fellows(count) }
  if (options.store === 'memory:') parts.store = member.memory(options.timeouts.storeMs)
  const gateway = createGateway(options, parts)
  const { port: found, admin } = await gateway.listen(port || ports.port, host)
  member.tell({ note: 'up', ports: { port: found, admin: admin?.port ?? 0 } })
  return gateway
}
