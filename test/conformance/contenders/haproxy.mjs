import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, listening } from '../launch.mjs'

export const haproxy = {
  name: 'haproxy',
  version: () => /version ([\d.]+)/.exec(spawnSync('haproxy', ['-v']).stdout)?.[1],
  start: async ({ launcher, originPort }) => {
    const port = await freePort()
    const file = join(launcher.directory(), 'haproxy.cfg')
    writeFileSync(file, configuration({ port, originPort }))
    await listening(port, launcher.start('haproxy', ['-db', '-f', file]))
    return { url: `http://127.0.0.1:${port}`, lines: [] }
  },
}

// What its manual asks of those who retry: an answer that stays out is retried where that is safe.
const configuration = ({ port, originPort }) => `
global
  maxconn 256
defaults
  mode http
  timeout client 10s
  timeout connect 2s
  timeout server 2s
  timeout http-request 10s
  timeout tunnel 1h
  option forwardfor
  option abortonclose
  retry-on conn-failure empty-response
frontend front
  bind 127.0.0.1:${port}
  default_backend origin
backend origin
  http-request disable-l7-retry unless METH_GET
  server origin 127.0.0.1:${originPort}
`
