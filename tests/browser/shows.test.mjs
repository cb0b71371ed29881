// Two directors' machines and one cloud: signed in as by a browser, each with its own folder, the cloud cut off between
// their edits. Both versions are kept, and a person chooses.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Cloud, program } from './lib/cloud.mjs';
import { until } from './lib/program.mjs';

const SHOW = { returnfeed_show: 1, name: 'Sunday', sources: [{ input: { kind: 'test' } }] };

let cloud;
let url;
const folders = [];

/** A machine: its own home, and the director on it. */
class Machine {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'machine-'));
    folders.push(this.home);
    // No session bus: the keyring of whoever runs the tests is theirs.
    const DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nonexistent';
    this.env = { ...process.env, XDG_DATA_HOME: this.home, RUST_LOG: 'warn', DBUS_SESSION_BUS_ADDRESS };
  }

  run(...args) {
    const ran = spawnSync(program('returnfeed-director'), args, { env: this.env, encoding: 'utf8', timeout: 60_000 });
    return { ok: ran.status === 0, out: ran.stdout, error: ran.stderr };
  }

  shows(...args) {
    const ran = this.run('shows', ...args);
    assert.ok(ran.ok, `shows ${args.join(' ')}: ${ran.out}${ran.error}`);
    return ran.out;
  }

  sync() {
    return this.shows('sync', '--cloud', url);
  }

  /** What a person edits, as the program of the desktop would save it. */
  edit(id, name) {
    const folder = join(this.home, 'returnfeed', 'shows');
    const text = JSON.stringify({ ...SHOW, name });
    for (const file of readdirSync(folder).filter((file) => file.startsWith(id) && file.includes('.show.'))) {
      writeFileSync(join(folder, file), text);
    }
  }

  /** Signs in: the page that the system's browser would open asks for a code and leads to the port of the program. */
  async signIn() {
    const child = spawn(program('returnfeed-director'), ['sign-in', '--cloud', url], {
      env: { ...this.env, PATH: '/nonexistent' },
    });
    let said = '';
    child.stdout.on('data', (part) => { said += part; });
    child.stderr.on('data', (part) => { said += part; });
    const ended = new Promise((resolve) => { child.on('exit', resolve); });
    const [, port, challenge, state] = await until('the address', () => said.match(/#desktop\/(\d+)\/([\w-]+)\/([\w-]+)/));
    const { code } = await cloud.api('POST', '/api/signin/desktop', { token: cloud.token, body: { challenge } });
    const stranger = await fetch(`http://127.0.0.1:${port}/?code=${code}&state=another`);
    assert.equal(stranger.status, 404, 'an answer to somebody else is none');
    await fetch(`http://127.0.0.1:${port}/?code=${encodeURIComponent(code)}&state=${state}`);
    assert.equal(await ended, 0, said);
    assert.match(said, /Signed in as Director: no keyring was open, so it is kept in a file that only this user may read/);
  }
}

before(async () => {
  cloud = await Cloud.start();
  url = cloud.plainOrigin;
});

after(async () => {
  await cloud?.end();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('two machines edit one show while the cloud is cut off: both versions stay, and the person chooses', async () => {
  const [one, two] = [new Machine(), new Machine()];
  assert.match(one.run('shows', 'sync', '--cloud', url).out, /nobody is signed in/);
  await one.signIn();
  await two.signIn();
  const secrets = join(one.home, 'returnfeed', 'secrets');
  for (const file of readdirSync(secrets)) assert.equal(statSync(join(secrets, file)).mode & 0o077, 0, file);

  const file = join(one.home, 'sunday.json');
  writeFileSync(file, JSON.stringify(SHOW));
  const id = one.shows('import', file).trim();
  assert.match(one.sync(), /Sunday: synced/);
  assert.match(two.sync(), /Sunday: synced/);

  await cloud.program.end();
  one.edit(id, 'Easter');
  two.edit(id, 'Advent');
  assert.match(one.run('shows', 'sync', '--cloud', url).out, /Easter: saved here/, 'offline it is saved here');
  assert.match(two.run('shows', 'sync', '--cloud', url).out, /Advent: saved here/);
  await cloud.serve({ ports: cloud.ready });

  assert.match(one.sync(), /Easter: synced/);
  assert.match(two.sync(), /Advent: two versions/);
  assert.match(two.shows('differences', id), /name: here "Advent", in the cloud "Easter"/);
  two.shows('choose', id, 'both');
  assert.match(two.sync(), /synced/);
  assert.match(one.sync(), /synced/);
  for (const machine of [one, two]) {
    const names = machine.shows('list').split('\n').map((line) => line.slice(38)).filter(Boolean).sort();
    assert.deepEqual(names, ['Advent (2): synced', 'Easter: synced'], 'nothing is lost on either');
  }
  const copy = join(two.home, 'copy.json');
  two.shows('export', id, copy);
  assert.equal(JSON.parse(readFileSync(copy, 'utf8')).name, 'Easter');
});
