// What a case has at hand: connections to the proxy, the head of a request that gets through it to
// the service, and what the service saw.
import { openWire } from './wire.mjs'

/**
 * `url` is the proxy, perhaps with a prefix for paths; `lines` are field lines that it demands of
 * each request.
 */
export const createScene = ({ url, lines, origin, watch }, caseId) => {
  const { hostname, host, port, pathname } = new URL(url)
  const clients = []
  const path = `${pathname.replace(/\/$/, '')}/c/${caseId}`

  return {
    authority: host,
    path,
    until: watch.until,
    origin,
    open: async () => {
      const client = await openWire(Number(port || 80), hostname, watch)
      clients.push(client)
      return client
    },
    /** The head of a request: `hosts` are the values of its Host lines. */
    head: (method = 'GET', more = [], options = {}) => {
      const { suffix = '', target = path + suffix, version = '1.1', hosts = [host] } = options
      return [
        `${method} ${target} HTTP/${version}`,
        ...hosts.map((value) => `Host: ${value}`),
        ...lines,
        `X-Case: ${caseId}`,
        ...more,
        '\r\n',
      ].join('\r\n')
    },
    answer: (handler) => origin.answer(caseId, handler),
    /** The requests of this case that the service has seen the whole head of. */
    seen: () => origin.exchangesOf(caseId),
    /** The first of them, once it is there and perhaps whole. */
    arrival: ({ whole = true, index = 0 } = {}) =>
      watch.until(() => {
        const exchange = origin.exchangesOf(caseId)[index]
        return exchange && (!whole || exchange.complete) ? exchange : undefined
      }),
    close: () => {
      for (const client of clients) client.close()
    },
    record: () => ({
      client: clients.map(({ sent, received, ended, closed }) => ({
        sent,
        received,
        ended,
        closed,
      })),
      origin: origin.exchangesOf(caseId).map(({ raw, sent }) => ({ received: raw, sent })),
    }),
  }
}
