import { StoreError } from './engine.js'

/** What keeps a server from being believed, as far as node says so; `undefined` for any other error. */
export const untrusted = (error: unknown, server: string): StoreError | undefined => {
  const { code } = Object(error) as { code?: unknown }
  return typeof code === 'string' && CERTIFICATE.test(code)
    ? new StoreError(`the certificate of ${server} is not trusted, or of another name`, {
        isPassing: false,
      })
    : undefined
}

// Of OpenSSL, and of node for the name.
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID$|HOSTNAME_MISMATCH$)/
