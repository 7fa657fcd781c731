import { createGateway } from '../lib/gateway.js'
import type { CommandLine } from './command-line.js'
import type { Demo } from './demo.js'
import { createReloadedLevel } from './log-level.js'
import { startLog } from './start-log.js'
import type { StartSettings } from './start-settings.js'
import { onStop } from './stop-signals.js'

/** Serves in this process alone. */
export const serve = async (
  commandLine: CommandLine,
  start: StartSettings,
  demo: Demo | undefined,
): Promise<void> => {
  const { settings, sourceOf } = start
  const { host, port, logLevel, workers: _, ...options } = settings
  const level = createReloadedLevel(logLevel, () => start.read().logLevel)
  const log = startLog(process, level.current)
  const gateway = createGateway(options, { log, sourceOf })
  const { port: found, admin } = await gateway.listen(port, host)
  demo?.tell(settings, { port: found, admin: Number(admin?.port) }) // a demonstration has one
  onStop({ stop: () => gateway.close(), kill: () => {} })
  process.on('SIGHUP', () => {
    if (commandLine.config !== undefined) level.reload(log)
    gateway.reload()
  })
}
