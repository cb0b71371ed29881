// The tally's way, on real parts: a cut in the director → relay → the operator's page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { followCamera, lamp, playing, watchLamp } from './lib/pages.mjs';
import { until } from './lib/program.mjs';
import { startTcpRelay } from './lib/relay.mjs';

const HELD_MS = 2_700; // longer than a word lives, shorter than a page waits for an answer before it gives a socket up

describe('the tally on the operator’s page', () => {
  let feed;
  let browser;
  before(async () => {
    feed = await startFeed({ sources: ['test', 'test', 'test'] });
    // By a name that is not loopback's, plain http is no secure context, as on a phone in a private network.
    browser = await openBrowser(['--host-resolver-rules=MAP returnfeed.test 127.0.0.1']);
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  async function operator(number, options = {}, prepare = async () => {}) {
    const page = await openPage(browser, { ...PHONE, ...options });
    await prepare(page);
    await followCamera(page, feed.cameraLink, number);
    return page;
  }

  test('a cut turns the camera RED, the one before GREEN and the others idle', async () => {
    feed.director.cut(1);
    const [one, two, three] = await Promise.all([operator(1), operator(2), operator(3)]);
    await lamp(one, 'ON AIR').waitFor();
    feed.director.cut(2);
    await Promise.all([
      lamp(two, 'ON AIR').waitFor(),
      lamp(one, 'NEXT').waitFor(),
      lamp(three, 'STANDBY').waitFor(),
    ]);
    feed.director.preview(3);
    await lamp(three, 'NEXT').waitFor();
    await lamp(one, 'STANDBY').waitFor();
    await playing(two);
    for (const page of [one, two, three]) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });

  test('where a WebSocket is refused the tally comes by server-sent events', async () => {
    const page = await operator(2, {}, (fresh) =>
      fresh.addInitScript(() => {
        window.WebSocket = class {
          constructor() {
            throw new DOMException('refused', 'SecurityError'); // as iOS does on an untrusted certificate
          }
        };
      }),
    );
    feed.director.cut(2);
    await lamp(page, 'ON AIR').waitFor();
    feed.director.cut(1);
    await lamp(page, 'NEXT').waitFor();
    await page.context().close();
  });

  test('the plain link of a private network shows the same tally and names what it lacks', async () => {
    const page = await openPage(browser, PHONE);
    await followCamera(page, feed.cameraLink.replace('https://127.0.0.1', 'http://returnfeed.test'), 1);
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    assert.equal(await page.evaluate(() => window.isSecureContext), false);
    await page.getByText('the link is plain http').first().waitFor();
    await playing(page);
    await page.context().close();
  });

  test('the director hears which camera’s page shows what', async () => {
    const page = await operator(3);
    const from = feed.director.program.lines.length;
    feed.director.cut(3);
    await lamp(page, 'ON AIR').waitFor();
    await feed.director.program.waitFor(/camera 3\b.*(RED|on air|program)/i, { from });
    await page.context().close();
  });

  test('a page shows unknown, not the last colour, when its director is killed', async () => {
    const page = await operator(1);
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    const died = performance.now();
    await feed.director.end('SIGKILL');
    await lamp(page, 'NO SIGNAL').waitFor();
    console.log(`unknown ${Math.round(performance.now() - died)} ms after the kill (3000 is the promise)`);
    feed.director = new Director(feed.cloud, feed.session, { sources: ['test', 'test', 'test'] });
    await until('a colour again', async () => (await lamp(page, /ON AIR|NEXT|STANDBY/).count()) > 0);
    await page.context().close();
  });

  test('a word that the network held back until its director was dead lights nothing', async () => {
    const web = await startTcpRelay({ target: { host: '127.0.0.1', port: feed.cloud.ready.https_port } });
    const page = await openPage(browser, PHONE);
    const heard = []; // of camera 1, by the socket
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const message = JSON.parse(String(payload));
        if (message.type === 'tally') heard.push(message.state.cameras.find((one) => one.camera === 1).tally);
      }));
    feed.director.cut(2);
    await followCamera(page, feed.cameraLink.replace(`:${feed.cloud.ready.https_port}`, `:${web.port}`), 1);
    const beside = await operator(1);
    await Promise.all([page, beside].map((one) => lamp(one, 'NEXT').waitFor()));

    web.set({ blocked: true });
    const before = heard.length;
    feed.director.cut(1);
    await lamp(beside, 'ON AIR').waitFor();
    const died = performance.now();
    await feed.director.end('SIGKILL');
    await until('the word is too old', () => performance.now() - died > HELD_MS);
    await lamp(page, 'NO SIGNAL').waitFor();
    await page.evaluate(watchLamp);
    web.set({ blocked: false });
    await until('the word arrives', () => heard.slice(before).includes('program'));
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const said = await page.evaluate(() => window.lampSaid);
    assert.ok(said.every((word) => word.includes('NO SIGNAL')), said.join(', '));

    feed.director = new Director(feed.cloud, feed.session, { sources: ['test', 'test', 'test'] });
    await lamp(page, /ON AIR|NEXT|STANDBY/).waitFor();
    assert.deepEqual(page.problems, []);
    await Promise.all([page, beside].map((one) => one.context().close()));
    web.close();
  });

  test('a page shows unknown when the cloud is killed, and recovers when it is back', async () => {
    const page = await operator(1);
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    const ports = feed.cloud.ready;
    await feed.cloud.program.end('SIGKILL');
    await lamp(page, 'NO SIGNAL').waitFor();
    await feed.cloud.serve({ ports });
    await lamp(page, 'ON AIR').waitFor({ timeout: 60_000 });
    await playing(page);
    await page.context().close();
  });
});
