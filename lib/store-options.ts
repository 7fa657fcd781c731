import * as z from 'zod'
import { DEFAULTS } from './defaults.js'
import { group, milliseconds, optional } from './option-kinds.js'
import { file } from './service-options.js'
import { parseStoreUrl } from './store-url.js'

const storeUrl = z.string({ error: 'must be the URL of a store' }).superRefine((text, context) => {
  const url = parseStoreUrl(text)
  if (typeof url === 'string') context.addIssue({ code: 'custom', message: url })
})

const MEMORY_RULE =
  'must not be memory:, as all is kept with the users then: leave it out for that, or name another store'

/** Where state is kept. */
export const storeOptions = {
  store: storeUrl
    .default(DEFAULTS.store)
    .describe(
      'where state is kept: `memory:`, `sqlite:<file>`, or the URL of a PostgreSQL or Redis; one with a password from the environment alone',
    ),
  ephemeralStore: storeUrl
    .refine((text) => text !== 'memory:', { error: MEMORY_RULE })
    .optional()
    .describe('where idempotency keys and revocations are kept, if not with the users'),
  allowVolatileStore: z
    .boolean({ error: 'must be true or false' })
    .default(DEFAULTS.allowVolatileStore)
    .describe(
      'whether a store may be a Redis that evicts keys, or has users and no append-only file',
    ),
  storeTls: group({
    caFile: file('PEM file of the authorities that a store must be certified by'),
    certFile: file('PEM file of the certificate that is shown to a store'),
    keyFile: file('PEM file of its key'),
  }),
  revocationMaxAgeMs: optional(
    milliseconds(1, ''),
    'how long the store may be away until tokens are refused with 503; without it what is known holds',
  ),
}
