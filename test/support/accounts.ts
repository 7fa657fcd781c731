import type { Test } from 'tap'
import type { GatewayOptions } from '../../lib/index.js'
import { postJson, startGateway, type RunningGateway } from './gateways.js'
import { startHttpService } from './services.js'

export const ADA = { email: 'ada@example.com', password: 'correct horse' }

/** A gateway in front of a service that answers everything, and what one does with an account. */
export interface Edge extends RunningGateway {
  signUp: (account?: Record<string, unknown>) => Promise<string>
  logIn: (account?: Record<string, unknown>) => Promise<Response>
  /** Calls an endpoint under `/v1/auth/` with a token. */
  auth: (name: string, token: string, body?: unknown) => Promise<Response>
  /** The status of a proxied request. */
  proxied: (token: string) => Promise<number>
}

export const startEdge = async (t: Test, options: Partial<GatewayOptions> = {}): Promise<Edge> => {
  const service = await startHttpService(t, (_, response) => response.end('ok'))
  const gateway = await startGateway(t, { upstream: service.url, ...options })
  const url = `${gateway.origin}/v1/auth`
  return {
    ...gateway,
    signUp: async (account = {}) =>
      tokenOf(await postJson(`${url}/signup`, { ...ADA, ...account })),
    logIn: (account = {}) => postJson(`${url}/login`, { ...ADA, ...account }),
    auth: (name, token, body) => {
      const Authorization = `Bearer ${token}`
      return body === undefined
        ? fetch(`${url}/${name}`, {
            method: name === 'me' ? 'GET' : 'POST',
            headers: { Authorization },
          })
        : postJson(`${url}/${name}`, body, { Authorization })
    },
    proxied: async (token) => {
      const response = await fetch(`${gateway.origin}/v1/proxy/`, {
        headers: { Authorization: `Bearer ${token}` },
      })
      await response.arrayBuffer()
      return response.status
    },
  }
}

/** The token of an answer, which must be one that has it. */
export const tokenOf = async (response: Response): Promise<string> => {
  const { token } = (await response.json()) as { token?: string }
  if (token === undefined) throw new Error(`no token, but ${response.status}`)
  return token
}

/** What a token says, unverified. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
