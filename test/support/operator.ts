import type { LogEvent } from '../../lib/index.js'

export const ADMIN_TOKEN = 'a-token-of-operators-of-the-tests'

/** Options of a gateway with an admin listener on any port. */
export const WITH_ADMIN = { adminToken: ADMIN_TOKEN, admin: { port: 0 } }

/** A bcrypt hash of cost 4 that nobody has the password of. */
export const HASH = `$2b$04$${'a'.repeat(53)}`

export const NDJSON = { 'Content-Type': 'application/x-ndjson' }

export interface Operator {
  port: number
  origin: string
  /** Sends what an object is as JSON, a string as it is. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Response>
  /** Imports rows, each an object or a line; resolves to the report. */
  importRows: (...rows: unknown[]) => Promise<Report>
}

export interface Report {
  imported: number
  unchanged: number
  failed: Array<{ line: number; field?: string; detail: string }>
  unreported: number
}

/** The operator of a gateway that listens. */
export const operatorOf = ({ events }: { events: LogEvent[] }): Operator => {
  const listening = events.find((event) => event.event === 'admin_listening')
  if (!listening) throw new Error('there is no admin listener')
  const { port } = listening
  const origin = `http://127.0.0.1:${port}`
  const call: Operator['call'] = (method, path, body, headers = {}) =>
    fetch(origin + path, {
      method,
      headers: {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: textOf(body) }),
    })
  return {
    port,
    origin,
    call,
    importRows: async (...rows) => {
      const response = await call('POST', '/v1/users/import', rows.map(textOf).join('\n'), NDJSON)
      return (await response.json()) as Report
    },
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)
