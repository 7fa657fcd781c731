export interface DemoTextOptions {
  /** Where the gateway listens. */
  origin: string
  /** The service behind; `undefined` for the built-in one. */
  upstream: string | undefined
  /** Where the status page is. */
  statusPage: string
  /** The secret that was made for this run, if one was. */
  secret: string | undefined
}

/** What a newcomer sees: what runs, and three commands to try. */
export const demoText = ({ origin, upstream, statusPage, secret }: DemoTextOptions): string => `
passport-gateway listens on ${origin}
status page: ${statusPage}
service behind: ${upstream ?? 'a built-in echo service (give your own with --upstream URL)'}
${secret === undefined ? 'JWT secret: your own' : `JWT secret of this run: ${secret}`}
users are kept in memory and gone when the gateway stops; Ctrl-C stops it

Try it in another terminal:

  # sign up
  curl -s -w '\\n' ${origin}/v1/auth/signup -H 'Content-Type: application/json' \\
    -d '{"email":"ada@example.com","password":"correct horse","country":"IN","platform":"android"}'

  # log in, and keep the token
  TOKEN=$(curl -s ${origin}/v1/auth/login -H 'Content-Type: application/json' \\
    -d '{"email":"ada@example.com","password":"correct horse"}' | sed -E 's/.*"token":"([^"]+)".*/\\1/')

  # call the service behind
  curl -s ${origin}/v1/proxy/hello -H "Authorization: Bearer $TOKEN"

`

/** Where to call a gateway that listens on `host`; any address is best reached by loopback. */
export const originFor = (scheme: 'http' | 'https', host: string, port: number): string => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
