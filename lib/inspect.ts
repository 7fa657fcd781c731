import { unixSeconds, type Clock } from './clock.js'
import type { Config } from './config.js'
import { reportWith, type TokenReport } from './explain.js'
import type { Identities } from './identities.js'

/** What the running gateway makes of a token, as JSON for whoever looks into it. */
export interface Inspection {
  accepted: boolean
  reason: string | null
  /** In their order; `passed` is `null` for what was not reached. */
  checks: Array<{ name: string; passed: boolean | null; detail: string }>
  /** Unless it was, header and claims are anybody's. */
  signature_verified: boolean
  header: TokenReport['header']
  claims: TokenReport['claims']
  /** Decoded. */
  passport: unknown
  /** What the service behind would get. */
  headers: Record<string, string> | null
}

/** Judges tokens as the gateway does at that moment, with what was revoked. Remembers and logs none. */
export const createInspect =
  (config: Config, { keys, authenticate, signer }: Identities, clock: Clock) =>
  (token: string): Inspection => {
    const nowSeconds = unixSeconds(clock)
    const report = reportWith(keys, config, token, nowSeconds)
    const found = report.accepted
      ? authenticate(['Authorization', `Bearer ${token}`], nowSeconds, false)
      : undefined
    const isStanding = found?.ok === true
    const stamp = found?.ok ? found.caller.stamp(nowSeconds) : undefined
    const signature = signer?.isBound ? BOUND : stamp?.signature
    return {
      accepted: isStanding,
      reason: report.reason ?? (found && !found.ok ? found.reason : null),
      checks: [
        ...report.checks.map(({ question, outcome }) => ({
          name: question,
          passed: outcome === 'not reached' ? null : outcome === 'pass',
          detail: outcome === 'pass' || outcome === 'not reached' ? '' : String(report.why),
        })),
        {
          name: 'it is not revoked',
          passed: found ? isStanding : null,
          detail: found && !found.ok ? (found.reason === 'revoked' ? REVOKED : UNKNOWN) : '',
        },
      ],
      signature_verified: report.signatureVerified,
      header: report.header,
      claims: report.claims,
      passport: isStanding ? report.passport : null,
      headers:
        found?.ok && stamp
          ? {
              'X-Passport': stamp.passport,
              'X-Proxy-State': found.caller.segment,
              ...(signature !== undefined && { 'X-Passport-Signature': signature }),
            }
          : null,
    }
  }

const BOUND = '(another one for each request, as passport.bind is request)'

const REVOKED = 'it was revoked: by a logout, a changed password, or an operator'
const UNKNOWN = 'whether it was revoked is not known, as the store has been away for too long'
