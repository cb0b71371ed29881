// Coming in by a link on a phone, and what others may do to one's place: real pages, a real server, a real push.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { accessible } from './lib/axe.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { enter, followCamera, lamp, playing, startWatching } from './lib/pages.mjs';
import { until } from './lib/program.mjs';

const SHOTS = process.env.RETURNFEED_SHOTS; // a folder, for people who want to look

/** What everybody can use; what a person sees, upright and on its side. */
async function shoot(page, name) {
  await accessible(page, name);
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  for (const [width, height] of [[390, 844], [844, 390]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(SHOTS, `${name}-${width}x${height}.png`) });
  }
  await page.setViewportSize(PHONE.viewport);
}

describe('coming in by a link', () => {
  let feed;
  let browser;
  before(async () => {
    feed = await startFeed({ sources: ['test', 'test', 'test'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  const api = (method, rest, body) =>
    feed.cloud.api(method, `/api/sessions/${feed.session.id}${rest}`, { token: feed.session.token, body });
  const invite = async (terms) => {
    const made = await api('POST', '/invites', terms);
    return { ...made, link: feed.cloud.origin + made.path };
  };
  const participants = () => api('GET', '/participants');
  const named = async (name) => (await participants()).find((who) => who.name === name && who.connected);

  async function phone(options = {}) {
    const page = await openPage(browser, { ...PHONE, ...options });
    page.asked = [];
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) page.asked.push(`${request.method()} ${pathname}`);
    });
    return page;
  }

  /** An operator who has come in under a name and follows a camera. */
  async function operator(name, number) {
    const page = await phone();
    await page.goto(feed.cameraLink);
    await enter(page);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: new RegExp(`camera ${number}\\b`, 'i') }).first().click();
    return page;
  }

  for (const [locale, words] of [
    ['en-GB', { title: 'You are invited as a camera operator', name: 'Your name', start: 'Start', camera: 'Camera 3' }],
    ['ko-KR', { title: '카메라 감독으로 초대되었습니다', name: '이름', start: '시작', camera: '카메라 3' }],
  ]) {
    test(`one tap, name and number, and the lamp is there (${locale})`, async () => {
      const { link } = await invite({ role: 'camera', camera: 3, max_uses: 1 });
      const page = await phone({ locale });
      await page.goto(link);
      await page.getByRole('heading', { name: words.title }).waitFor();
      await shoot(page, `invited-${locale}`);
      assert.deepEqual(page.asked, [], 'nothing is asked before the tap');
      await enter(page);
      await page.getByLabel(words.name).fill('지수 Kim');
      await shoot(page, `choosing-${locale}`);
      await page.getByRole('button', { name: words.start }).click();
      await page.getByRole('status').filter({ hasText: words.camera }).first().waitFor();
      await playing(page);
      await page.getByText('지수 Kim').waitFor();
      await until('the director sees the name and the number', async () => (await named('지수 Kim'))?.camera === 3);
      assert.deepEqual(page.problems, []);

      const second = await phone({ locale });
      await second.goto(link);
      await enter(second);
      await second.getByRole('alert').waitFor(); // it was good for one
      await shoot(second, `used-up-${locale}`);
      await page.reload();
      await playing(page); // whoever was in needs no second tap, and spends nothing
      await second.context().close();
      await page.context().close();
    });
  }

  test('a number that is taken is asked for, and goes over by the director’s word', async () => {
    const ada = await operator('Ada', 2);
    await ada.getByRole('button', { name: 'Start' }).click();
    const bob = await operator('Bob', 2);
    await bob.getByText('Ada is on camera 2.').waitFor();
    await shoot(bob, 'taken');
    await bob.getByRole('button', { name: 'Ask to take over' }).click();
    await bob.getByText('You asked for camera 2.').waitFor();
    await ada.getByText('Bob asks for camera 2.').waitFor();
    await shoot(ada, 'asked');
    const asker = await until('the director sees the question', async () => {
      const who = await named('Bob');
      return who?.asks === 2 ? who : null;
    });
    await api('POST', `/participants/${asker.participant}/takeover`, { allow: true });
    await bob.getByRole('button', { name: 'Start' }).click();
    feed.director.cut(2);
    await lamp(bob, 'ON AIR').waitFor();
    await ada.getByText('Your camera number has gone to somebody else.').waitFor();
    await lamp(ada, 'NO SIGNAL').waitFor();
    await shoot(ada, 'gone');
    await ada.getByRole('button', { name: 'Choose another' }).click();
    await ada.getByRole('button', { name: /camera 2\b/i }).first().click();
    await ada.getByRole('button', { name: 'Join as second' }).click();
    await ada.getByRole('button', { name: 'Start' }).click();
    await lamp(ada, 'ON AIR').waitFor();

    const moved = await named('Bob');
    await api('PATCH', `/participants/${moved.participant}`, { camera: 1, name: 'Robert' });
    await bob.getByText('you are camera 1 now').waitFor();
    await lamp(bob, 'NEXT').or(lamp(bob, 'STANDBY')).waitFor();
    await bob.getByText('Robert').waitFor();
    await shoot(bob, 'moved');
    for (const page of [ada, bob]) {
      assert.deepEqual(page.problems, []);
      await page.context().close();
    }
  });

  test('in rehearsal the crew sees the picture and viewers wait; going live opens the door to the same push', async () => {
    await api('PATCH', '', { state: 'rehearsal' });
    const viewer = await phone();
    await viewer.goto(feed.viewerLink);
    await enter(viewer);
    await viewer.getByText('Starts soon').waitFor();
    const crew = await phone();
    await followCamera(crew, feed.cameraLink, 1);
    await playing(crew);
    await api('PATCH', '', { state: 'live' });
    await playing(viewer);
    assert.ok(feed.director.program.alive);
    for (const page of [viewer, crew]) await page.context().close();
  });

  test('who is taken out while watching reads so, loses the picture, and is not let back by a reload', async () => {
    const viewer = await phone();
    await viewer.goto(feed.viewerLink);
    await startWatching(viewer);
    await playing(viewer);
    const watching = async () => (await feed.cloud.metrics()).sum('simulcast_active_viewers');
    await until('the picture is counted, and no other', async () => (await watching()) === 1);
    const [newest] = (await participants()).filter(({ role, connected }) => role === 'viewer' && connected);
    await api('DELETE', `/participants/${newest.participant}`);
    await viewer.getByText('The director has taken you out').waitFor();
    await shoot(viewer, 'out');
    await until('the picture has ended', async () => (await watching()) === 0);
    await viewer.reload();
    await viewer.getByRole('button', { name: 'Watch' }).waitFor(); // a guest like any other, by the link alone
    await viewer.context().close();

    const ada = await operator('Ada', 3);
    await ada.getByRole('button', { name: 'Start' }).click();
    await playing(ada);
    const who = await until('the director sees Ada', () => named('Ada'));
    await api('DELETE', `/participants/${who.participant}`);
    await ada.getByText('The director has taken you out').waitFor();
    await shoot(ada, 'operator-out');
    assert.deepEqual(ada.problems, []);
    await ada.context().close();
  });

  test('a session that ends says so to whoever is in it', async () => {
    const ada = await operator('Ada', 1);
    await ada.getByRole('button', { name: 'Start' }).click();
    await api('PATCH', '', { state: 'ended' });
    await ada.getByText('This session is over').first().waitFor();
    await shoot(ada, 'ended');
    await ada.context().close();
  });
});
