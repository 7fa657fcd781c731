import { valuesOf } from '../http/headers.js'
import { send } from '../http/respond.js'
import type { Route } from '../http/router.js'
import { preferredExposition } from '../metrics/exposition.js'
import type { Family } from '../metrics/family.js'
import type { Guard } from './guard.js'

/** `GET /metrics`: in the text format of Prometheus, or as OpenMetrics for whoever would rather have that. */
export const createMetricsRoute = (
  families: () => Promise<readonly Family[]>,
  guard: Guard,
): Route => ({
  pattern: '/metrics',
  methods: {
    GET: guard(async (exchange) => {
      const accept = valuesOf(exchange.request.rawHeaders, 'accept').join(',')
      const { contentType, write } = preferredExposition(accept)
      send(exchange, { status: 200, contentType, body: write(await families()) })
    }),
  },
})
