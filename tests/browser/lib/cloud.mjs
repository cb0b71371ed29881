// A real `returnfeed-cloud` on loopback: its own data folder, free ports, one account.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Metrics } from './metrics.mjs';
import { Program, until } from './program.mjs';

const BIN = process.env.RETURNFEED_BIN;
if (!BIN) throw new Error('RETURNFEED_BIN must name the folder with the programs; run this by ./dev test browser');

const EMAIL = 'director@example.org';
const PASSWORD = 'a passphrase for the tests';

export const program = (name) => join(BIN, name);

export class Cloud {
  static async start({ args = [], dataDir = mkdtempSync(join(tmpdir(), 'returnfeed-')), ports, listen, secondFactor } = {}) {
    const cloud = new Cloud();
    cloud.dataDir = dataDir;
    cloud.readyFile = join(dataDir, 'ready.json');
    cloud.account();
    await cloud.serve({ args, ports, listen, secondFactor });
    return cloud;
  }

  account() {
    const made = spawnSync(
      program('returnfeed-cloud'),
      ['account', 'create', '--data-dir', this.dataDir, '--email', EMAIL, '--name', 'Director', '--password-stdin'],
      { input: PASSWORD, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`account create: ${made.stdout}${made.stderr}`);
  }

  /** Starts, or starts again on the same data and, where they are given, the same ports. */
  async serve({ args = [], ports, listen = '127.0.0.1', secondFactor = 'optional' } = {}) {
    rmSync(this.readyFile, { force: true });
    const port = (name) => String(ports?.[`${name}_port`] ?? 0);
    // The port behind the one that a former run was given may be anybody's by now.
    const shards = ports ? ['--webrtc-shards', '1'] : [];
    this.program = new Program('cloud', program('returnfeed-cloud'), [
      'serve', '--data-dir', this.dataDir, '--listen', listen,
      '--https-port', port('https'), '--srt-port', port('srt'), '--webrtc-port', port('webrtc'),
      '--metrics', '127.0.0.1:0', '--ready-file', this.readyFile, '--second-factor', secondFactor, ...shards, ...args,
    ]);
    this.ready = await until('the cloud is ready', () => {
      if (!this.program.alive) throw new Error(`the cloud ended:\n${this.program.tail()}`);
      try {
        return JSON.parse(readFileSync(this.readyFile, 'utf8'));
      } catch {
        return null; // not written yet, or not to its end
      }
    });
    this.token ??= (await this.api('POST', '/api/login', { body: { email: EMAIL, password: PASSWORD } })).access_token;
  }

  get origin() {
    return `https://127.0.0.1:${this.ready.https_port}`;
  }

  /** The same port also speaks plain HTTP to loopback, which spares the tests a certificate. */
  get plainOrigin() {
    return `http://127.0.0.1:${this.ready.https_port}`;
  }

  async request(method, path, { token, body, headers = {} } = {}) {
    return fetch(this.plainOrigin + path, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined || headers['content-type'] ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async api(method, path, options = {}) {
    const answer = await this.request(method, path, options);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** A session that is on air, with its codes and a director's token. */
  async session({ name = 'A show', publicLayer = 'high', state = 'live' } = {}) {
    const created = await this.api('POST', '/api/sessions', { token: this.token, body: { name, public_layer: publicLayer } });
    const { id } = created.session;
    if (state !== 'open') await this.api('PATCH', `/api/sessions/${id}`, { token: this.token, body: { state } });
    const direct = await this.api('POST', `/api/sessions/${id}/direct`, { token: this.token });
    const tokenFile = join(this.dataDir, `director-${id}.token`);
    writeFileSync(tokenFile, direct.token, { mode: 0o600 });
    return {
      id,
      token: direct.token,
      tokenFile,
      cameraCode: created.camera_code,
      viewerCode: created.viewer_code,
      cameraLink: `${this.origin}/camera/#${created.camera_code}`,
      viewerLink: `${this.origin}/viewer/#${created.viewer_code}`,
    };
  }

  async join(code, name = '') {
    return this.api('POST', '/api/join', { body: { code, name } });
  }

  async metrics() {
    const answer = await fetch(`http://127.0.0.1:${this.ready.metrics_port}/metrics`);
    return new Metrics(await answer.text());
  }

  async end() {
    const result = await this.program.end();
    rmSync(this.dataDir, { recursive: true, force: true });
    return result;
  }
}
