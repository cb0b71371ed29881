// A real nginx with the installed configuration, in front of one server, in a folder of its own.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program, until } from './program.mjs';

const TEMPLATE = new URL('../../../installers/nginx/returnfeed.conf.template', import.meta.url);

/** A port that nobody has a moment ago: nginx cannot be given 0. */
async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

export class Nginx {
  static async start(upstreamPort) {
    const nginx = new Nginx();
    nginx.dir = mkdtempSync(join(tmpdir(), 'returnfeed-nginx-'));
    const path = (name) => join(nginx.dir, name);
    const [https, http] = [await freePort(), await freePort()];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', path('key.pem'), '-out', path('cert.pem')], { stdio: 'ignore' });
    const values = {
      RETURNFEED_NAME: '127.0.0.1',
      RETURNFEED_UPSTREAM: `127.0.0.1:${upstreamPort}`,
      RETURNFEED_HTTP_PORT: `127.0.0.1:${http}`,
      RETURNFEED_HTTPS_PORT: `127.0.0.1:${https}`,
      RETURNFEED_CERT: path('cert.pem'),
      RETURNFEED_KEY: path('key.pem'),
    };
    // As envsubst does it; nginx's own $names have no braces.
    const site = readFileSync(TEMPLATE, 'utf8').replace(/^#.*\n/gm, '').replace(/\$\{(\w+)\}/g, (_, name) => values[name]);
    writeFileSync(path('site.conf'), site.replaceAll('/var/log/nginx/', `${nginx.dir}/`));
    mkdirSync(path('tmp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${path('tmp')}/${name};`);
    writeFileSync(path('nginx.conf'), `daemon off; worker_processes 1; pid ${path('pid')}; error_log ${path('error.log')};
${process.getuid() === 0 ? 'user root;' : ''}
events {}
http { include /etc/nginx/mime.types; ${temporary.join(' ')} include ${path('site.conf')}; }
`);
    nginx.program = new Program('nginx', 'nginx', ['-p', nginx.dir, '-c', path('nginx.conf')]);
    nginx.origin = `https://127.0.0.1:${https}`;
    nginx.plainOrigin = `http://127.0.0.1:${http}`;
    await until('nginx answers', async () => {
      if (!nginx.program.alive) throw new Error(`nginx ended:\n${nginx.program.tail()}${nginx.log('error.log')}`);
      return fetch(nginx.plainOrigin, { redirect: 'manual' }).then(() => true, () => null);
    });
    return nginx;
  }

  log(name = 'returnfeed.log') {
    return readFileSync(join(this.dir, name), 'utf8');
  }

  async end() {
    await this.program.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
