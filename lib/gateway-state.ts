import type { Clock } from './clock.js'
import type { Config } from './config.js'
import { configuredStore } from './configured-stores.js'
import type { GatewayMetrics } from './gateway-metrics.js'
import type { GatewayParts } from './gateway-parts.js'
import type { Log } from './log.js'
import { createState, type State } from './state.js'
import type { Engine } from './stores/engine.js'
import { timedEngine } from './timed-engine.js'

interface GatewayStateParts {
  clock: Clock
  log: Log
  metrics: Pick<GatewayMetrics, 'onStoreOperation'>
  parts: Pick<GatewayParts, 'store' | 'ephemeralStore'>
}

export interface GatewayState {
  state: State
  /** Whether there is an engine to be waited for. */
  isOpened: boolean
  /** Whether users are in the memory of this process alone. */
  isVolatile: boolean
}

/** State in the engines that a program passes, or else in those of the options. */
export const createGatewayState = (
  config: Config,
  { clock, log, metrics, parts }: GatewayStateParts,
): GatewayState => {
  const {
    store = configuredStore(config, 'store', log),
    ephemeralStore = configuredStore(config, 'ephemeralStore', log),
  } = parts
  const timed = (engine: Engine | undefined): Engine | undefined =>
    engine && timedEngine(engine, () => clock.monotonic(), metrics.onStoreOperation)
  const state = createState(config, {
    clock,
    log,
    store: timed(store),
    ephemeralStore: timed(ephemeralStore),
  })
  return { state, isOpened: (store ?? ephemeralStore) !== undefined, isVolatile: !store }
}
