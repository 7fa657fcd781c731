import type { Config } from './config.js'
import type { Log } from './log.js'
import { createStore, type StoreSettings } from './store-choice.js'
import type { Engine } from './stores/engine.js'
import { loadTls } from './tls-files.js'

type StoreOption = 'store' | 'ephemeralStore'

/** The engine that an option names, not opened; `undefined` for memory, and where it names none. */
export const configuredStore = (
  config: Config,
  option: StoreOption,
  log: Log,
): Engine | undefined => createStore(config[option], settingsOf(config, option, log))

const settingsOf = (config: Config, option: StoreOption, log: Log): StoreSettings => ({
  timeoutMs: config.timeouts.storeMs,
  limitConnections: config.limits.storeConnections,
  allowVolatile: config.allowVolatileStore,
  keepsUsers: option === 'store',
  tls: loadTls(config.storeTls, 'storeTls'),
  warn: (cause) => log({ event: 'store_doubtful', option, cause }),
})
