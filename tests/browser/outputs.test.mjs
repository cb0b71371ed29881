// The director's lamps, read by programs that others wrote: a vMix client, a receiver of TSL 5.0, a maker's script.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import vmix from 'node-vmix';
import TSL5 from 'tsl-umd-v5';

import { program } from './lib/cloud.mjs';
import { freePort } from './lib/ports.mjs';
import { Program, until } from './lib/program.mjs';

describe('the lamps for others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'returnfeed-outputs-'));
  const token = join(folder, 'token');
  const ports = {};
  let director;
  before(async () => {
    writeFileSync(token, 'a-token-for-makers-only\n');
    for (const name of ['vmix', 'tsl', 'http', 'srt']) ports[name] = await freePort();
    const sources = ['test', 'test', 'test'].flatMap((source) => ['--source', source]);
    director = new Program('director', program('returnfeed-director'), [
      ...sources, '--no-log',
      // Nobody is there: the lamps do not wait for it.
      '--srt', `srt://127.0.0.1:${ports.srt}?passphrase=not-a-secret-1`,
      '--out', `vmix:127.0.0.1:${ports.vmix}`,
      '--out', `tsl:127.0.0.1:${ports.tsl}?screen=1`,
      '--out', `http:127.0.0.1:${ports.http}?token-file=${token}`,
    ]);
  });
  after(async () => {
    await director?.end();
    rmSync(folder, { recursive: true });
  });

  test('are followed by a vMix client, a TSL receiver and the example, to the last word', async () => {
    const receiver = new TSL5();
    const displays = new Map();
    receiver.on('message', ({ index, screen, display }) => {
      const { rh_tally, text_tally, lh_tally, text } = display;
      displays.set(index, { screen, lamps: [rh_tally, text_tally, lh_tally], text });
    });
    receiver.listenUDP(ports.tsl);
    const wall = () => [1, 2, 3].map((index) => displays.get(index)?.lamps.join('') ?? '-').join(' ');

    await director.waitFor(new RegExp(`Our lamps are told on vmix:127.0.0.1:${ports.vmix}`));
    const client = new vmix.ConnectionTCP('127.0.0.1', { port: ports.vmix, debug: false, autoReconnect: false });
    let tally;
    let xml;
    client.on('tally', (words) => (tally = String(words)));
    client.on('xml', (text) => (xml = text));
    const greeted = new Promise((resolve) => client.on('version', resolve));
    await greeted;
    client.send('SUBSCRIBE TALLY');
    client.send('XML');

    const example = new URL('../../docs/examples/lamp.py', import.meta.url).pathname;
    const lamp = new Program('lamp', 'python3', [example, `http://127.0.0.1:${ports.http}`, token, '2']);
    try {
      director.type('p2');
      await until('the preview at every reader', () => tally?.includes('120') && wall() === '111 222 000');
      await lamp.waitFor(/camera 2: GREEN/);
      director.type('2');
      // A cut swaps the buses.
      await until('the cut at every reader', () => tally?.includes('210') && wall() === '222 111 000');
      await lamp.waitFor(/camera 2: RED/);
      await until('the names', () => xml);
      assert.match(String(xml), /<input [^>]*number="3"[^>]*title="[^"]+"/);
      assert.equal(displays.get(2).screen, 1);

      await director.end();
      await until('dark at the end', () => tally?.includes('000') && wall() === '000 000 000');
      assert.match(displays.get(2).text, /^\? /);
      await lamp.waitFor(/camera 2: unknown/);
    } finally {
      await lamp.end();
      client.shutdown?.();
    }
  });
});
