// A certificate authority of the tests' own, and a browser that trusts it as one that a person installed: what only a
// trusted page may do (service worker, wake lock) is tried without a single certificate error ignored.

import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function run(command, args) {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${command} ${args[0]}: ${done.error ?? done.stderr}`);
}

export class Authority {
  /** Makes it, one certificate for loopback, and a home folder whose NSS store trusts it. */
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'authority-'));
    const file = (name) => join(this.dir, name);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    run('openssl', [
      'req', '-x509', ...curve, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2',
      '-subj', '/CN=ReturnFeed test authority', '-addext', 'basicConstraints=critical,CA:TRUE',
    ]);
    run('openssl', ['req', ...curve, '-keyout', file('key.pem'), '-out', file('leaf.csr'), '-subj', '/CN=localhost']);
    writeFileSync(file('leaf.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    run('openssl', [
      'x509', '-req', '-in', file('leaf.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
      '-out', file('chain.pem'), '-days', '2', '-extfile', file('leaf.ext'),
    ]);
    appendFileSync(file('chain.pem'), readFileSync(file('ca.pem')));
    this.home = file('home');
    const store = join(this.home, '.pki', 'nssdb');
    mkdirSync(store, { recursive: true });
    run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password']);
    run('certutil', ['-A', '-d', `sql:${store}`, '-n', 'test authority', '-t', 'C,,', '-i', file('ca.pem')]);
  }

  /** For `returnfeed-cloud serve`. */
  get cloudArgs() {
    return ['--tls-cert', join(this.dir, 'chain.pem'), '--tls-key', join(this.dir, 'key.pem')];
  }

  end() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
