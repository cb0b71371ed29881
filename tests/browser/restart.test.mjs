// A server that is told to end while an operator and a viewer are in: they read it, nothing stops before its time, and they
// are back after the restart without a tap.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { enter, followCamera, lamp, playing, startWatching } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
import { until } from './lib/program.mjs';

const LONG_S = 600;

describe('a server that is about to be restarted', () => {
  let feed;
  let browser;
  before(async () => {
    feed = await startFeed({ cloudArgs: ['--drain-seconds', String(LONG_S)] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  const line = (page, text) => page.getByRole('status', { name: /^(Server|서버)$/ }).filter({ hasText: text });

  test('says so on every page, goes on until its end, and has them all back after it', async () => {
    const operator = await openPage(browser, PHONE);
    await followCamera(operator, feed.cameraLink, 1);
    const viewer = await openPage(browser);
    await viewer.goto(feed.viewerLink);
    await startWatching(viewer);
    const korean = await openPage(browser, { locale: 'ko-KR' });
    await korean.goto(feed.viewerLink);
    await enter(korean);
    feed.director.cut(1);
    await lamp(operator, 'ON AIR').waitFor();
    for (const page of [operator, viewer, korean]) await playing(page);

    const first = feed.cloud.program;
    process.kill(first.pid, 'SIGTERM');
    await line(operator, 'The server is being restarted').waitFor();
    await line(viewer, 'The server is being restarted').waitFor();
    await line(korean, '서버를 다시 시작합니다').waitFor();
    const { framesDecoded } = await inboundVideo(viewer);
    await until('the picture goes on', async () => (await inboundVideo(viewer)).framesDecoded > framesDecoded + 30);
    feed.director.cut(2);
    await lamp(operator, 'NEXT').waitFor();
    feed.director.cut(1);
    await lamp(operator, 'ON AIR').waitFor();
    assert.ok(first.alive, 'it waits for those who are in');

    const ports = feed.cloud.ready;
    process.kill(first.pid, 'SIGTERM');
    await first.exited;
    await lamp(operator, 'NO SIGNAL').waitFor();
    await viewer.locator('main[data-scene="restarting"]').waitFor();
    await viewer.getByText('The server is being restarted').first().waitFor();

    await feed.cloud.serve({ ports });
    await lamp(operator, 'ON AIR').waitFor({ timeout: 60_000 });
    await viewer.locator('main[data-scene="live"]').waitFor({ timeout: 60_000 });
    for (const page of [operator, viewer, korean]) {
      await playing(page);
      await line(page, /./).waitFor({ state: 'detached' });
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });
});
