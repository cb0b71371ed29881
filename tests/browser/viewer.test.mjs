// The viewer's page, on real parts: what it shows of the picture, and what it says in its place.

import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { followCamera, playing, startWatching } from './lib/pages.mjs';
import { until } from './lib/program.mjs';
import { installReader } from './lib/reader.mjs';

describe('the delay that the pages show', () => {
  let feed;
  let browser;
  before(async () => {
    feed = await startFeed({ sources: ['test'], directorArgs: ['--stamp'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  const shownDelay = async (page) => {
    const [, ms, error] = /Delay (\d+) ms ± (\d+)/.exec(await page.locator('body').innerText()) ?? [];
    return ms === undefined ? null : { ms: Number(ms), error: Number(error) };
  };

  test('is the one that the time in the picture tells', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    await page.evaluate(`(${installReader})()`);
    await page.evaluate(() => window.reader.watch());
    const apart = await until('the shown delay and the read one agree', async () => {
      const shown = await shownDelay(page);
      const frames = await page.evaluate(() => window.reader.state.frames.slice(-60));
      if (shown === null || frames.length < 60) return null;
      const read = frames.map(({ displayMs, stampMs }) => displayMs - stampMs).sort((a, b) => a - b)[30];
      // One frame: the page judges the second before, and the stamp is put on a moment before the capture time.
      return Math.abs(shown.ms - read) <= shown.error + 17 ? { shown, read } : null;
    });
    console.log(`shown ${apart.shown.ms} ms ± ${apart.shown.error}, read off the picture ${Math.round(apart.read)} ms`);
    await page.context().close();
  });

  test('of an operator is what the director hears', async () => {
    const page = await openPage(browser, PHONE);
    await followCamera(page, feed.cameraLink, 1);
    await playing(page);
    await until('the page knows its delay', () => shownDelay(page));
    await feed.director.program.waitFor(/Operator …\w{4} sees the picture \d+ ms ± \d+ late/);
    await page.context().close();
  });
});
