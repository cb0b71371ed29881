// The tally's way that needs no cloud, on real parts: the relay introduces the operator's page to the director's program,
// then the cloud is killed.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Authority } from './lib/authority.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { followCamera, lamp, playing, watchLamp } from './lib/pages.mjs';
import { DEADLINE_MS, until } from './lib/program.mjs';

const READY = 'Tally without the server: ready';
const SOURCES = ['test', 'test'];
const LAN = '0.0.0.0:0';

describe('the tally on the local network', () => {
  let authority;
  let feed;
  let browser;
  before(async () => {
    // A browser keeps a page’s own files only over a certificate that it trusts.
    authority = new Authority();
    feed = await startFeed({ sources: SOURCES, lan: LAN, cloudArgs: authority.cloudArgs });
    browser = await openBrowser([], { home: authority.home });
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
    authority?.end();
  });

  const cloudBack = (ports) => feed.cloud.serve({ ports, args: authority.cloudArgs });

  async function operator(number) {
    const page = await openPage(browser, { ...PHONE, ignoreHTTPSErrors: false });
    await followCamera(page, feed.cameraLink, number);
    return page;
  }

  test('a page hears its director without the cloud, the director hears the page, and all is right when it is back', async () => {
    const page = await operator(1);
    feed.director.cut(2);
    await lamp(page, 'NEXT').waitFor();
    await page.getByText(READY).waitFor();
    let from = feed.director.program.lines.length;
    // What a phone can do reaches its director a moment after it stands on the page.
    await until('the director reads it too', () => {
      feed.director.program.type('r');
      return feed.director.program.lines.slice(from).some((line) => /LAN path proven: .*camera 1/i.test(line));
    }, DEADLINE_MS, 500);

    const ports = feed.cloud.ready;
    await feed.cloud.program.end('SIGKILL');
    from = feed.director.program.lines.length;
    const cut = performance.now();
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    console.log(`RED ${Math.round(performance.now() - cut)} ms after the cut, without the cloud (1000 is the promise)`);
    await feed.director.program.waitFor(/camera 1\b.*(RED|on air|program)/i, { from });

    // Twice as long as a lamp lives without a word: nothing but the director's words can keep it.
    await page.evaluate(watchLamp);
    const until5 = performance.now() + 5_000;
    await until('five seconds are over', () => performance.now() >= until5);
    assert.deepEqual(await page.evaluate(() => window.lampSaid.map((said) => said.includes('ON AIR'))), [true]);
    await page.getByText(READY).waitFor();

    const back = performance.now();
    await cloudBack(ports);
    await playing(page);
    feed.director.cut(2);
    await lamp(page, 'NEXT').waitFor();
    await page.getByText(READY).waitFor();
    console.log(`all right ${Math.round(performance.now() - back)} ms after the cloud was started again`);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a page that is reloaded while the cloud is dead hears its director again, and is at home when the cloud is back', async () => {
    const page = await operator(1);
    feed.director.cut(2);
    await lamp(page, 'NEXT').waitFor();
    await page.getByText(READY).waitFor();
    await until('the page’s own files are kept', () =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'));
    const ports = feed.cloud.ready;
    await feed.cloud.program.end('SIGKILL');
    for (const [source, word] of [[1, 'ON AIR'], [2, 'NEXT']]) {
      const reloaded = performance.now();
      await page.reload();
      await page.getByText(READY).waitFor();
      console.log(`hears its director again ${Math.round(performance.now() - reloaded)} ms after the reload`);
      feed.director.cut(source);
      await lamp(page, word).waitFor();
    }
    await cloudBack(ports);
    await playing(page);
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    await page.getByText(READY).waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a page whose cloud and director are both dead shows unknown', async () => {
    const page = await operator(1);
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    await page.getByText(READY).waitFor();
    const ports = feed.cloud.ready;
    await feed.cloud.program.end('SIGKILL');
    const died = performance.now();
    await feed.director.end('SIGKILL');
    await lamp(page, 'NO SIGNAL').waitFor();
    console.log(`unknown ${Math.round(performance.now() - died)} ms after both were killed (3000 is the promise)`);

    await cloudBack(ports);
    feed.director = new Director(feed.cloud, feed.session, { sources: SOURCES, lan: LAN });
    await page.getByText(READY).waitFor();
    await lamp(page, /ON AIR|NEXT|STANDBY/).waitFor();
    await page.context().close();
  });

  test('where the director serves nobody there, the page says so and its lamp is the cloud’s', async () => {
    await feed.director.end();
    feed.director = new Director(feed.cloud, feed.session, { sources: SOURCES });
    const page = await operator(1);
    await page.getByText('Tally by the server alone').waitFor();
    await lamp(page, /ON AIR|NEXT|STANDBY/).waitFor();
    await page.context().close();
  });
});
