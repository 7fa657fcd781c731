import { createAuthenticate, type Authenticate } from '../../lib/auth/authenticate.js'
import { verifyOptions } from './forge.js'

/** Who sent a request, where nobody is revoked and nothing signed. */
export const createPlainAuthenticate = (): Authenticate =>
  createAuthenticate({
    verification: verifyOptions(),
    revocations: { isRevoked: () => false, isCurrent: () => true },
    sessions: { watch: () => () => {} },
    signer: undefined,
    websocketTokens: false,
    limitRemembered: 10,
  })
