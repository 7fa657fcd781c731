// HAProxy set to the same job: it verifies the token, its algorithm and `exp`, removes forged fields and
// sets the same ones, with the timeouts and bounds that the gateway has by default, but for a few
// connections less: it wants two descriptors for each before it starts. It runs as one thread, as the
// gateway's event loop does, and logs each request too.
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { haproxy } from '../conformance/contenders/haproxy.mjs'
import { listening } from '../conformance/launch.mjs'
import { SECRET, usageOf } from '../faults/gateway.mjs'
import { freePort } from '../faults/processes.mjs'

/** `undefined` where it is not installed. */
export const haproxyVersion = () => haproxy.version()

/** Starts it in front of the targets; `routes` are `{ path, upstream }`, as the gateway's. */
export const startHaproxy = async (processes, { name, targets, routes }) => {
  const port = await freePort()
  const file = processes.fileOf(`${name}.cfg`)
  writeFileSync(file, configuration({ port, targets, routes }))
  const output = openSync(processes.fileOf(`${name}.log`), 'a')
  const child = processes.spawn('haproxy', ['-db', '-f', file], { output })
  closeSync(output)
  const failure = () => new Error('haproxy did not start')
  await listening(port, { child, failure })
  return {
    port,
    child,
    softStop: 'SIGUSR1',
    usage: () => usageOf(child.pid),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

const server = (url, i) => `  server s${i} ${new URL(url).host} maxconn 6000`

const backend = (name, urls) => `
backend ${name}
  http-request disable-l7-retry unless METH_GET
  balance leastconn
${urls.map(server).join('\n')}
`

const PASSPORT = [
  '{\\"user_id\\":\\"%[var(txn.sub),json(utf8)]\\"',
  '\\"email\\":null',
  '\\"subscription\\":\\"free\\"',
  '\\"country\\":\\"ZZ\\"',
  '\\"platform\\":\\"unknown\\"',
  '\\"token_status\\":\\"valid\\"',
  '\\"issued_at\\":%[date()]}',
].join(',')

const configuration = ({ port, targets, routes }) => `
global
  maxconn 9900
  nbthread 1
  log stdout format raw local0 info
defaults
  mode http
  log global
  option httplog
  option forwardfor
  option abortonclose
  timeout connect 3s
  timeout client 30s
  timeout server 30s
  timeout queue 5s
  timeout http-request 10s
  timeout http-keep-alive 65s
  retries 2
  option redispatch
  retry-on conn-failure empty-response
backend addresses
  stick-table type ip size 100k expire 1m store conn_cur
backend users
  stick-table type string len 64 size 100k expire 1m store conn_cur
frontend front
  bind 127.0.0.1:${port}
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  tcp-request connection track-sc0 src table addresses
  tcp-request connection reject if { sc0_conn_cur gt 1000 }
  http-request set-var(txn.token) http_auth_bearer
  http-request deny deny_status 401 unless { var(txn.token),jwt_header_query('$.alg') -m str HS256 }
  http-request deny deny_status 401 unless { var(txn.token),'jwt_verify("HS256","${SECRET}")' -m int 1 }
  http-request set-var(txn.now) date()
  http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')
  http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }
  http-request set-var(txn.sub) var(txn.token),jwt_payload_query('$.sub')
  http-request deny deny_status 401 unless { var(txn.sub) -m found }
  http-request track-sc1 var(txn.sub) table users
  http-request deny deny_status 503 if { sc1_conn_cur gt 200 }
  http-request del-header ^[Xx][^A-Za-z0-9][Pp]assport -m reg
  http-request del-header ^[Xx][^A-Za-z0-9][Pp]roxy[^A-Za-z0-9][Ss]tate -m reg
  http-request del-header Authorization
  http-request set-var-fmt(txn.passport) ${PASSPORT}
  http-request set-header X-Passport %[var(txn.passport),base64]
  http-request set-header X-Proxy-State %[str(free:ZZ:unknown),base64]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request add-header Via "1.1 haproxy"
  http-request replace-path /v1/proxy(/.*) \\1
  http-response set-header X-Proxy-State %[str(free:ZZ:unknown),base64]
${routes.map(({ path }, i) => `  use_backend route${i} if { path_beg ${path} }\n`).join('')}
  default_backend service
${backend('service', targets)}
${routes.map(({ upstream }, i) => backend(`route${i}`, [upstream])).join('')}
`
