// nginx as one worker that passes requests on and looks at no token.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'

export const nginx = {
  version: () => /nginx\/(\S+)/.exec(spawnSync('nginx', ['-v']).stderr)?.[1],
  command: (file) => ['nginx', ['-p', dirname(file), '-e', 'stderr', '-c', file]],
  configuration: ({ port, upstream, file }) => `
daemon off;
worker_processes 1;
pid ${file}.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${file}.body;
  proxy_temp_path ${file}.proxy;
  fastcgi_temp_path ${file}.fastcgi;
  uwsgi_temp_path ${file}.uwsgi;
  scgi_temp_path ${file}.scgi;
  keepalive_timeout 120s;
  keepalive_requests 1000000;
  upstream service { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    client_body_buffer_size 128k;
    location /v1/proxy/ {
      proxy_pass http://service/;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header Via "1.1 nginx";
    }
  }
}
`,
}
