// The viewer's page, on real parts: what it shows of the picture, and what it says in its place.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { enter, followCamera, playing, startWatching } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
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

describe('what a viewer’s screen shows', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  const set = (session, state) => cloud.api('PATCH', `/api/sessions/${session.id}`, { token: cloud.token, body: { state } });

  /** The state that is drawn, and its sentence. */
  const shows = async (page, scene, sentence) => {
    await page.locator(`main[data-scene="${scene}"]`).waitFor();
    await page.getByRole('status').filter({ hasText: sentence }).waitFor();
    assert.equal(await page.locator(`svg[data-name="${scene}"]`).count(), 1, 'it is drawn');
  };

  for (const [name, device] of [['a phone', PHONE], ['a desk', { viewport: { width: 1280, height: 720 } }]]) {
    test(`from before the show to its end, on ${name}: without another tap, and nothing moves`, async () => {
      const session = await cloud.session({ state: 'open' });
      const page = await openPage(browser, device);
      await page.addInitScript(() => {
        window.shifted = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shifted += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await page.goto(session.viewerLink);
      await enter(page);
      await page.evaluate(() => { window.shifted = 0; }); // what the tap moved, a person meant
      await shows(page, 'before', 'The show has not begun');
      await set(session, 'rehearsal');
      await shows(page, 'rehearsal', 'Starts soon');
      await set(session, 'live');
      await shows(page, 'director_lost', 'Waiting for the director');
      let director = new Director(cloud, session, { sources: ['test'] });
      try {
        await page.locator('main[data-scene="live"]').waitFor();
        await playing(page);
        assert.equal(await page.locator('video').evaluate((video) => video.muted), true, 'it begins muted');
        await director.end('SIGKILL');
        await shows(page, 'director_lost', 'Waiting for the director');
        director = new Director(cloud, session, { sources: ['test'] });
        await page.locator('main[data-scene="live"]').waitFor();
        await playing(page);
        await page.getByRole('button', { name: 'Tap for sound' }).click();
        assert.equal(await page.locator('video').evaluate((video) => video.muted), false, 'it is heard');
        await set(session, 'ended');
        await shows(page, 'ended', 'This session is over');
      } finally {
        await director.end();
      }
      assert.equal(await page.evaluate(() => window.shifted), 0, 'nothing moved');
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });
  }

  test('a full server is said, and asked again by itself', async () => {
    const session = await cloud.session();
    const page = await openPage(browser, PHONE);
    let full = true;
    const problem = { status: 503, code: 'server_full', title: 'Full', detail: 'Later.' };
    await page.route(`**/whep/${session.id}`, (route) =>
      full
        ? route.fulfill({ status: 503, contentType: 'application/problem+json', headers: { 'Retry-After': '1' }, body: JSON.stringify(problem) })
        : route.continue(),
    );
    await page.goto(session.viewerLink);
    await enter(page);
    await shows(page, 'full', 'The server is full');
    full = false;
    await shows(page, 'director_lost', 'Waiting for the director');
    await page.context().close();
  });

  test('a link that is not valid any more is said, and a code may be entered', async () => {
    const page = await openPage(browser, { ...PHONE, locale: 'ko-KR' });
    await page.goto(`${cloud.origin}/viewer/#NOSUCHCODE`);
    await enter(page);
    await page.getByText('더 이상 쓸 수 없는 링크입니다').waitFor();
    assert.equal(await page.locator('svg[data-name="expired"]').count(), 1);
    const session = await cloud.session({ state: 'open' });
    await page.getByRole('textbox').fill(session.viewerCode);
    await page.getByRole('button', { name: '들어가기' }).click();
    await page.locator('main[data-scene="before"]').waitFor();
    await page.context().close();
  });

  test('a device that saves data asks for the low layer, also after a reload', async () => {
    const session = await cloud.session();
    const director = new Director(cloud, session, { sources: ['test'] });
    const page = await openPage(browser, PHONE);
    try {
      await page.goto(session.viewerLink);
      await enter(page);
      await playing(page);
      await page.getByRole('button', { name: 'Save data' }).click();
      const low = () => until('pictures of 180 lines', async () => (await inboundVideo(page))?.frameHeight === 180);
      await low();
      await page.reload();
      await low();
      const saves = page.getByRole('button', { name: 'Save data' });
      assert.equal(await saves.getAttribute('aria-pressed'), 'true');
    } finally {
      await director.end();
    }
    await page.context().close();
  });
});
