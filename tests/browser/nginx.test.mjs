// The installed nginx configuration in front of a real server: pages, sign-in, the picture by WHEP, the tally over a
// WebSocket and over server-sent events, all by way of nginx; media goes past it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { DESK, picture } from './lib/looked-at.mjs';
import { Nginx } from './lib/nginx.mjs';
import { followCamera, lamp, playing, startWatching } from './lib/pages.mjs';
import { until } from './lib/program.mjs';

describe('behind nginx', () => {
  let feed;
  let nginx;
  let browser;
  before(async () => {
    feed = await startFeed({ sources: ['test', 'test'], cloudArgs: ['--trusted-proxy', '127.0.0.1', '--log', 'debug'] });
    nginx = await Nginx.start(feed.cloud.ready.https_port);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await nginx?.end();
    await feed?.end();
  });

  const behind = (link) => link.replace(/^https:\/\/[^/]+/, nginx.origin);

  test('plain HTTP is sent to HTTPS, and HTTPS is HTTP/2', async () => {
    const answer = await fetch(`${nginx.plainOrigin}/camera/?x=1`, { redirect: 'manual' });
    assert.equal(answer.status, 308);
    assert.match(answer.headers.get('location'), /^https:\/\/127\.0\.0\.1\/camera\/\?x=1$/);
    const page = await openPage(browser);
    await page.goto(`${nginx.origin}/viewer/`);
    const protocol = await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol);
    assert.equal(protocol, 'h2');
    await page.context().close();
  });

  test('somebody signs in, and their cookie and origin are taken as ours', async () => {
    const page = await openPage(browser, DESK);
    await page.goto(`${nginx.origin}/account/`);
    await page.getByLabel('E-mail').fill('director@example.org');
    await page.getByLabel('Password').fill('a passphrase for the tests');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('listitem').first().waitFor();
    await picture(page, 'nginx-account');
    await page.reload();
    await page.getByRole('listitem').first().waitFor(); // by the cookie alone
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a viewer sees the picture by WHEP', async () => {
    const page = await openPage(browser);
    await page.goto(behind(feed.viewerLink));
    await startWatching(page);
    await playing(page);
    await picture(page, 'nginx-viewer');
    assert.match(nginx.log(), /"POST \/whep\/[^ ]+" 201/);
    await page.context().close();
  });

  for (const way of ['a WebSocket', 'server-sent events']) {
    test(`an operator's lamp follows the cut over ${way}`, async () => {
      const page = await openPage(browser, PHONE);
      if (way !== 'a WebSocket') {
        await page.addInitScript(() => {
          window.WebSocket = class {
            constructor() {
              throw new DOMException('refused on this network', 'SecurityError');
            }
          };
        });
      }
      await followCamera(page, behind(feed.cameraLink), 1);
      feed.director.cut(2);
      await lamp(page, 'NEXT').or(lamp(page, 'STANDBY')).waitFor();
      feed.director.cut(1);
      await lamp(page, 'ON AIR').waitFor();
      await picture(page, `nginx-operator-${way === 'a WebSocket' ? 'socket' : 'events'}`);
      const path = way === 'a WebSocket' ? /"GET \/ws\/page" 101/ : /"POST \/api\/events\/[^ ]+" 204/;
      if (way === 'a WebSocket') await page.context().close(); // a socket stands in the log when it has ended
      await until('nginx has handed it through', () => path.test(nginx.log()));
      assert.ok(!nginx.log().includes('?'), 'no query stands in the log of nginx');
      if (way !== 'a WebSocket') await page.context().close();
    });
  }
});
