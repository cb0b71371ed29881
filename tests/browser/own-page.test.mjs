// The page that the director's machine serves itself, with the pass in its link: a phone that never met the cloud, the
// cloud killed, a director that is started without it.

import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { lamp } from './lib/pages.mjs';
import { freePort } from './lib/ports.mjs';

const SOURCES = ['test', 'test'];

const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the page of the director’s own machine', () => {
  let feed;
  let browser;
  let args;
  let link;
  before(async () => {
    const port = await freePort();
    feed = await startFeed({ sources: SOURCES });
    args = ['--out', `page:127.0.0.1:${port}?keys-file=${join(feed.cloud.dataDir, 'kept-keys.json')}`];
    await feed.director.end();
    feed.director = new Director(feed.cloud, feed.session, { sources: SOURCES, args });
    browser = await openBrowser();
    link = /http:\S+#\S+/.exec(await feed.director.program.waitFor(/own page is on http:\S+#\S+/))[0];
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  /** Signed by the server's own key, as its tokens are, but not what a camera operator of this show has. */
  function pass(change) {
    const [header, claims] = link.split('#')[1].split('.').slice(0, 2).map(decoded);
    const body = `${encoded(header)}.${encoded({ ...claims, ...change })}`;
    // RFC 5958 with the public half behind it, which Node does not read: the 32 bytes alone.
    const pem = readFileSync(join(feed.cloud.dataDir, 'token-key.pem'), 'utf8');
    const seed = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64').subarray(16, 48);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
  }

  test('a phone that never met the cloud follows its lamp while the cloud is dead, and the director reads what it shows', async () => {
    await feed.cloud.program.end('SIGKILL');
    const page = await openPage(browser, PHONE);
    await page.goto(link);
    assert.equal(new URL(page.url()).hash, '', 'the pass does not stay in the address');
    await page.getByRole('button', { name: /camera 1\b/i }).click();
    await lamp(page, /ON AIR|NEXT/).waitFor();
    await page.getByText('does not let a page like this keep the screen lit').waitFor();
    let from = feed.director.program.lines.length;
    feed.director.cut(2);
    await lamp(page, 'NEXT').waitFor();
    from = feed.director.program.lines.length;
    const cut = performance.now();
    feed.director.cut(1);
    await lamp(page, 'ON AIR').waitFor();
    console.log(`RED ${Math.round(performance.now() - cut)} ms after the cut, without the cloud`);
    await feed.director.program.waitFor(/LAN.* camera 1 sees RED after \d+ ms/i, { from });
    assert.deepEqual(page.problems, []);

    // Killed, it is unknown here too; started without the cloud, it judges passes by the keys that it kept.
    await feed.director.end('SIGKILL');
    await lamp(page, 'NO SIGNAL').waitFor();
    feed.director = new Director(feed.cloud, feed.session, { sources: SOURCES, args });
    await lamp(page, 'ON AIR').waitFor();
    await page.context().close();
  });

  test('a forged, an expired and another session’s pass are refused with a sentence, and so is none', async () => {
    const other = feed.session.id.replace(/^[0-9a-f]/, (digit) => (digit === '0' ? '1' : '0'));
    const good = link.split('#')[1];
    const cases = [
      [`${good.slice(0, -8)}AAAAAAAA`, 'not given by the server of this show'],
      [pass({ exp: Math.floor(Date.now() / 1000) - 1 }), 'good for a day'],
      [pass({ sid: other }), 'of another show'],
      [pass({ role: 'viewer' }), 'not a camera operator’s'],
      ['', 'without a pass'],
    ];
    for (const [token, sentence] of cases) {
      const page = await openPage(browser, PHONE);
      await page.goto(`${link.split('#')[0]}#${token}`);
      await page.getByText(sentence.replace('’', "'")).waitFor();
      await lamp(page, 'NO SIGNAL').waitFor();
      await page.context().close();
    }
    const page = await openPage(browser, PHONE);
    await page.goto(link.replace(good, pass({})));
    await lamp(page, 'NO SIGNAL').waitFor();
    await page.getByRole('button', { name: /camera 1\b/i }).click();
    await lamp(page, /ON AIR|NEXT/).waitFor();
    await page.context().close();
  });
});
