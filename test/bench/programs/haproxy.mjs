// HAProxy as one thread, set to the same job: it verifies the token and its `exp`, and sets the fields.
import { spawnSync } from 'node:child_process'
import { SECRET } from '../tokens.mjs'

export const haproxy = {
  version: () => /version ([\d.]+)/.exec(spawnSync('haproxy', ['-v']).stdout)?.[1],
  command: (file) => ['haproxy', ['-db', '-f', file]],
  configuration: ({ port, upstream }) => `
global
  maxconn 9000
  nbthread 1
defaults
  mode http
  option forwardfor
  timeout connect 3s
  timeout client 120s
  timeout server 120s
  timeout http-keep-alive 120s
frontend front
  bind 127.0.0.1:${port}
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  http-request set-var(txn.token) http_auth_bearer
  http-request deny deny_status 401 unless { var(txn.token),jwt_header_query('$.alg') -m str HS256 }
  http-request deny deny_status 401 unless { var(txn.token),'jwt_verify("HS256","${SECRET}")' -m int 1 }
  http-request set-var(txn.now) date()
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
${['sub', 'email', 'subscription', 'country', 'platform'].map(queried).join('\n')}
  http-request del-header ^[Xx][^A-Za-z0-9][Pp]assport -m reg
  http-request del-header ^[Xx][^A-Za-z0-9][Pp]roxy[^A-Za-z0-9][Ss]tate -m reg
  http-request del-header Authorization
  http-request set-var-fmt(txn.passport) ${PASSPORT}
  http-request set-var-fmt(txn.segment) %[var(txn.subscription)]:%[var(txn.country)]:%[var(txn.platform)]
  http-request set-header X-Passport %[var(txn.passport),base64]
  http-request set-header X-Proxy-State %[var(txn.segment),base64]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request add-header Via "1.1 haproxy"
  http-request replace-path /v1/proxy(/.*) \\1
  default_backend service
backend service
  http-reuse always
  server s0 ${new URL(upstream).host}
`,
}

const queried = (claim) =>
  `  http-request set-var(txn.${claim}) var(txn.token),jwt_payload_query('$.${claim}')`

const field = (name, claim) => `\\"${name}\\":\\"%[var(txn.${claim}),json(utf8)]\\"`

const PASSPORT = [
  `{${field('user_id', 'sub')}`,
  ...['email', 'subscription', 'country', 'platform'].map((claim) => field(claim, claim)),
  '\\"token_status\\":\\"valid\\"',
  '\\"issued_at\\":%[date()]}',
].join(',')
