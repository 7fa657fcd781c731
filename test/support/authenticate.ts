import { createAuthenticate, type Authenticate } from '../../lib/auth/authenticate.js'
import { verifyOptions, type VerifyWith } from './forge.js'

/** Who sent a request, where nobody is revoked and nothing signed. */
export const createPlainAuthenticate = (
  options: VerifyWith = {},
  limitRemembered = 10,
): Authenticate =>
  createAuthenticate({
    verification: verifyOptions(options),
    revocations: { isRevoked: () => false, isCurrent: () => true },
    sessions: { watch: () => () => {} },
    signer: undefined,
    websocketTokens: false,
    limitRemembered,
  })
