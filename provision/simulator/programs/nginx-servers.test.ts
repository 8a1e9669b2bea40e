import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nginxServers } from './nginx-servers.ts';

test('nginxServers() reads ports, roots and certificates of each server, and passes over the rest', () => {
  const configuration = `
events {
}
http {
  # server { listen 1; }
  access_log /var/log/nginx/access.log  main;
  server {
    listen 80 default_server;
    listen [::]:8080;
    root /srv/www;
    location / { try_files $uri =404; }
  }
  server {
    listen 443 ssl;
    server_name nginx.example.com;
    ssl_certificate /etc/nginx-server-certs/tls.crt;
    ssl_certificate_key /etc/nginx-server-certs/tls.key;
    ssl_client_certificate /etc/nginx-ca-certs/example.com.crt;
    ssl_verify_client on;
  }
}
`;
  assert.deepEqual(nginxServers(configuration), [
    { port: 80, root: '/srv/www' },
    { port: 8080, root: '/srv/www' },
    {
      port: 443,
      root: undefined,
      tls: {
        certificate: '/etc/nginx-server-certs/tls.crt',
        key: '/etc/nginx-server-certs/tls.key',
        clientAuthorities: '/etc/nginx-ca-certs/example.com.crt',
      },
    },
  ]);
  assert.deepEqual(nginxServers('nothing of the kind {'), []);
});
