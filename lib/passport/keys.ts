import type { KeyObject } from 'node:crypto'
import { deriveSignatureKey, isKeyId, type Secret } from './signature.js'

/** One of the secrets that a gateway may sign with. */
export interface PassportSecret {
  /** `undefined` throws, like every secret that is too short. */
  secret: Secret | undefined
  /** Of the signatures that this secret is for; without it, it is tried for all. */
  kid?: string
  /** From when on it no longer counts: an RFC 3339 date and time, as `2027-01-31T12:00:00Z`. */
  notAfter?: string
}

/**
 * What makes a passport believable: exactly one of the three. That the types allow `undefined` lets a
 * variable of the environment be given as it is; it throws, it never switches the check off.
 */
export type PassportTrust =
  | { secret: Secret | undefined; secrets?: never; unsigned?: never }
  | { secrets: readonly PassportSecret[]; secret?: never; unsigned?: never }
  /** No signature is looked at: only for services that can be reached through the gateway alone. */
  | { unsigned: 'accept'; secret?: never; secrets?: never }

/** The keys that may have made a signature that names `kid`. */
export type CandidateKeys = (kid: string, nowMs: number) => KeyObject[]

/**
 * Derives the keys; `undefined` where signatures are not looked at.
 * @throws RangeError for anything that would let less be checked than was meant
 */
export const createKeys = (trust: PassportTrust): CandidateKeys | undefined => {
  const isOne = ['secret', 'secrets', 'unsigned'].filter((name) => name in trust).length === 1
  if (isOne && trust.unsigned === 'accept') return undefined
  const secrets: unknown = 'secret' in trust ? [trust] : trust.secrets
  if (!isOne || !Array.isArray(secrets) || secrets.length === 0)
    throw new RangeError("give one of secret, secrets and unsigned: 'accept'")
  const entries = (secrets as PassportSecret[]).map(createEntry)
  return (kid, nowMs) =>
    entries
      .filter((entry) => (entry.kid ?? kid) === kid && nowMs < entry.endMs)
      .map(({ key }) => key)
}

interface Entry {
  kid: string | undefined
  key: KeyObject
  endMs: number
}

const createEntry = ({ secret, kid, notAfter = NEVER }: PassportSecret): Entry => {
  const endMs =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(notAfter) &&
    Date.parse(notAfter) // NaN of a month 13
  if (!endMs || !isKeyId(kid ?? 'any')) throw new RangeError('kid or notAfter is not well-formed')
  return { kid, key: deriveSignatureKey(secret), endMs }
}

const NEVER = '9999-12-31T23:59:59Z'
