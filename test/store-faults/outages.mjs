// When which gateway could not reach its store, on the clock of requests.

/** How soon a revocation must be known everywhere, in milliseconds. */
const BOUND_MS = 1_000

export const createOutages = () => {
  const outages = []
  return {
    /** Begins one, for all gateways or for one of them; gives what ends it. */
    begin: (gateway) => {
      const outage = { gateway, fromMs: performance.now(), toMs: Infinity }
      outages.push(outage)
      return () => (outage.toMs = performance.now())
    },
    /** From when on its time runs until the gateway must know what was revoked at this moment. */
    runsFromMs: (revokedMs, gateway) => {
      let fromMs = revokedMs
      for (const outage of outages) {
        const concerns = !outage.gateway || outage.gateway === gateway
        const overlaps = outage.fromMs <= fromMs + BOUND_MS && outage.toMs > fromMs
        if (concerns && overlaps) fromMs = outage.toMs
      }
      return fromMs
    },
    boundMs: BOUND_MS,
    healedMs: () => outages.map(({ toMs }) => toMs),
  }
}
