import type { Config } from './config.js'
import { createStore, type StoreSettings } from './store-choice.js'
import type { Engine } from './stores/engine.js'
import { loadTls } from './tls-files.js'

type StoreOption = 'store' | 'ephemeralStore'

/** The engine that an option names, not opened; `undefined` for memory, and where it names none. */
export const configuredStore = (config: Config, option: StoreOption): Engine | undefined =>
  createStore(config[option], settingsOf(config, option))

const settingsOf = (config: Config, option: StoreOption): StoreSettings => ({
  timeoutMs: config.timeouts.storeMs,
  limitConnections: config.limits.storeConnections,
  allowVolatile: config.allowVolatileStore,
  keepsUsers: option === 'store',
  tls: loadTls(config.storeTls, 'storeTls'),
})
