import { DEFAULTS } from './defaults.js'
import { milliseconds, text } from './option-kinds.js'
import { STORE_URL, STORE_URL_RULE } from './store-choice.js'

/** Where state is kept. */
export const storeOptions = {
  store: text(STORE_URL_RULE, STORE_URL)
    .default(DEFAULTS.store)
    .describe('where users are kept: `memory:`, gone with the process, or `sqlite:<file>`'),
  ephemeralStore: text(STORE_URL_RULE, STORE_URL)
    .optional()
    .describe('where idempotency keys and revocations are kept, if not with the users'),
  revocationMaxAgeMs: milliseconds(1, '')
    .removeDefault()
    .optional()
    .describe(
      'how long the store may be away until tokens are refused with 503; without it what is known holds',
    ),
}
