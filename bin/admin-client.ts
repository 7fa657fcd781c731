import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { text } from 'node:stream/consumers'
import type { AdminAddress } from './admin-address.js'

/** A call that did not do what it should; its message is for a person. */
export class AdminFailure extends Error {
  override readonly name = 'AdminFailure'
  /** Whether the same call may do better in a while. */
  readonly isTransient: boolean
  /** Whether the gateway finds fault with the call itself. */
  readonly isRefusal: boolean
  /** The status of the answer, or the code of what went wrong. */
  readonly code: string

  constructor(message: string, { isTransient = false, isRefusal = false, code = '' } = {}) {
    super(message)
    this.code = code
    this.isTransient = isTransient
    this.isRefusal = isRefusal
  }
}

/** The members of a JSON object. */
export type Json = Readonly<Record<string, unknown>>

interface AdminCall {
  method: string
  /** From `/v1/` on, with the query. */
  path: string
  /** Sent as `contentType`. */
  body?: Uint8Array | string
  contentType?: string
  /** Gives the call up. */
  signal?: AbortSignal
  /** The status of success. Default 200. */
  expects?: 200 | 204
}

/**
 * Calls the admin listener of a gateway and resolves to the JSON of its answer, `{}` for none.
 * @throws AdminFailure for every other outcome
 */
export type AdminClient = (call: AdminCall) => Promise<Json>

export interface AdminClientOptions extends AdminAddress {
  /** How long nothing may come or go, in milliseconds. Default 60000. */
  idleMs?: number
}

export const createAdminClient = (options: AdminClientOptions): AdminClient => {
  const where = options.adminUrl.href.replace(/\/$/, '')

  return async (call) => {
    const { status, content } = await exchange(call, options).catch((error: Error) => {
      const { code = error.message } = error as NodeJS.ErrnoException
      throw new AdminFailure(
        `no gateway answers operators at ${where} (${code}); set ADMIN_URL to where one does`,
        { isTransient: true, code },
      )
    })
    const json = parseObject(content)
    if (status === (call.expects ?? 200) && (json || status === 204)) return json ?? {}
    const why =
      status === 401
        ? ` 401: ADMIN_TOKEN ${options.token === undefined ? 'is needed: set it to' : 'is not'} its token`
        : json
          ? ` ${status}${explain(json)}`
          : ` ${status} as no gateway does; set ADMIN_URL to its admin listener`
    throw new AdminFailure(`${where} answers${why}`, {
      isTransient: status === 503,
      isRefusal: status >= 400 && status < 500,
      code: String(status),
    })
  }
}

const IDLE_MS = 60_000

interface Answer {
  status: number
  content: string
}

const exchange = (
  { method, path, contentType, body, signal }: AdminCall,
  { adminUrl, token, idleMs = IDLE_MS }: AdminClientOptions,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = adminUrl.protocol === 'https:' ? requestSecure : requestPlain
    const headers = {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(contentType !== undefined && { 'Content-Type': contentType }),
    }
    const outbound = request(adminUrl, {
      method,
      // Beside the URL, which would resolve dot segments.
      path: adminUrl.pathname.replace(/\/$/, '') + path,
      headers,
      agent: false,
      timeout: idleMs,
      ...(signal && { signal }),
    })
    outbound.on('timeout', () => outbound.destroy(new Error('no answer')))
    outbound.on('error', reject)
    outbound.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new Error('another protocol'))
    })
    outbound.on('response', (inbound) => {
      const { statusCode } = inbound
      text(inbound)
        .then((content) => resolve({ status: statusCode as number, content }), reject)
        .finally(() => outbound.destroy()) // an answer may come before all is sent
    })
    outbound.end(body)
  })

const parseObject = (content: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(content)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

// What is wrong, and with which fields; nothing in it may command the terminal.
const explain = ({ code, detail, errors }: Json): string => {
  const rows = Array.isArray(errors) ? errors.filter(isObject) : []
  const faults = rows.map(({ field, detail: fault }) => `${wordsOf(field)} ${wordsOf(fault)}`)
  const words = faults.length > 0 ? faults.join('; ') : wordsOf(detail)
  return ` ${wordsOf(code)}: ${words}`.replace(/[^\x20-\x7e]/g, '?')
}

const wordsOf = (value: unknown): string =>
  typeof value === 'string' ? value : String(JSON.stringify(value))
