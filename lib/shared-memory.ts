import { TOKEN_LIFE_SECONDS } from './auth/tokens.js'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import type { Engine } from './stores/engine.js'
import { createMemoryEngine } from './stores/memory-engine.js'

/** What several workers keep in the memory of the process that started them. */
export const createSharedMemory = (
  { limits, toleranceSeconds }: Pick<Config, 'limits' | 'toleranceSeconds'>,
  clock: Clock,
): Engine =>
  createMemoryEngine({
    clock,
    limits,
    ownLifeSeconds: TOKEN_LIFE_SECONDS + toleranceSeconds,
  })
