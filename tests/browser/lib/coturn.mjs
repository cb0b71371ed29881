// A real TURN server (coturn) on loopback that knows no user but those whose password its secret makes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program } from './program.mjs';

const SECRET = 'a secret of the tests';

async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise((closed) => socket.close(closed));
  return port;
}

export class Coturn {
  static async start() {
    const coturn = new Coturn();
    coturn.dir = mkdtempSync(join(tmpdir(), 'coturn-'));
    coturn.secretFile = join(coturn.dir, 'secret');
    writeFileSync(coturn.secretFile, `${SECRET}\n`, { mode: 0o600 });
    const port = await freePort();
    coturn.url = `turn:127.0.0.1:${port}?transport=udp`;
    coturn.program = new Program('coturn', 'turnserver', [
      '-n', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--log-file', 'stdout', '--simple-log', '--verbose',
      '--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port),
      '--min-port', '49160', '--max-port', '49260', '--allow-loopback-peers', '--realm', 'tests',
      '--use-auth-secret', '--static-auth-secret', SECRET, '--pidfile', join(coturn.dir, 'pid'),
      '--userdb', join(coturn.dir, 'turndb'),
    ]);
    await coturn.program.waitFor(/IPv4\. UDP listener opened/i);
    return coturn;
  }

  async end() {
    await this.program.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
