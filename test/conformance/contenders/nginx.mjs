import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, listening } from '../launch.mjs'

export const nginx = {
  name: 'nginx',
  version: () => /nginx\/(\S+)/.exec(spawnSync('nginx', ['-v']).stderr)?.[1],
  start: async ({ launcher, originPort }) => {
    const port = await freePort()
    const directory = launcher.directory()
    const file = join(directory, 'nginx.conf')
    writeFileSync(file, configuration({ port, originPort, directory }))
    const args = ['-p', directory, '-e', 'stderr', '-c', file]
    await listening(port, launcher.start('nginx', args))
    return { url: `http://127.0.0.1:${port}`, lines: [] }
  },
}

// Streams both ways, upgrades and keeps connections to the service, as nginx documents each.
const configuration = ({ port, originPort, directory }) => `
daemon off;
worker_processes 1;
pid ${directory}/pid;
error_log stderr crit;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream origin { server 127.0.0.1:${originPort}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location / {
      proxy_pass http://origin;
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_buffer_size 16k;
      proxy_buffers 8 16k;
      proxy_read_timeout 2s;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
