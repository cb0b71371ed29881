// The picture's way, on real parts: director → SRT → cloud → WHEP → Chromium.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage } from './lib/chromium.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { enter, playing, startWatching } from './lib/pages.mjs';
import { inboundAudio, inboundVideo } from './lib/peer.mjs';
import { until } from './lib/program.mjs';
import { installReader, loudestTone } from './lib/reader.mjs';

describe('the return feed', () => {
  let feed;
  let browser;
  before(async () => {
    feed = await startFeed({ sources: ['test', 'test'], directorArgs: ['--stamp'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
  });

  test('a viewer sees the high layer move and hears its tone', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    const video = await playing(page);
    assert.deepEqual([video.frameWidth, video.frameHeight], [640, 360]);
    await page.evaluate(`(${installReader})()`);
    const first = await until('a picture with a time in it', () => page.evaluate(() => window.reader.now()));
    await until('a later picture', async () => {
      const next = await page.evaluate(() => window.reader.now());
      return next && next.micros > first.micros;
    });
    const tone = await page.evaluate(`(${loudestTone})()`);
    assert.ok(tone.level > 60, `no tone was decoded: ${JSON.stringify(tone)}`);
    const audio = await inboundAudio(page);
    assert.ok(audio.totalSamplesReceived > 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a viewer is moved to the low layer and back without a freeze, and the sound goes on', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    await until('the high layer', async () => (await inboundVideo(page)).frameHeight === 360);
    const settled = await inboundVideo(page);
    const soundBefore = await inboundAudio(page);
    for (const height of [180, 360, 180, 360]) {
      await page.getByRole('button', { name: 'Save data' }).click();
      await until(`pictures of ${height} lines`, async () => (await inboundVideo(page)).frameHeight === height);
    }
    const end = await inboundVideo(page);
    const soundAfter = await inboundAudio(page);
    console.log(`freezes ${end.freezeCount - settled.freezeCount}, lost ${end.packetsLost - settled.packetsLost}, ` +
      `keyframes asked for ${end.pliCount - settled.pliCount}`);
    assert.equal(end.ssrc, settled.ssrc, 'one stream throughout');
    assert.equal(end.packetsLost, settled.packetsLost, 'sequence numbers stay contiguous');
    assert.equal(end.freezeCount, settled.freezeCount, 'no freeze');
    assert.ok(soundAfter.packetsReceived > soundBefore.packetsReceived);
    assert.equal(soundAfter.packetsLost, soundBefore.packetsLost, 'the sound is untouched');
    await page.context().close();
  });

  test('the picture returns by itself when the director comes back', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    await feed.director.end('SIGKILL');
    await page.getByText('Waiting for the director').waitFor({ timeout: 30_000 });
    feed.director = new Director(feed.cloud, feed.session, { sources: ['test'], args: ['--stamp'] });
    const decoded = (await inboundVideo(page))?.framesDecoded ?? 0;
    await until('new pictures', async () => {
      const video = await inboundVideo(page);
      return video && video.framesDecoded !== decoded && video.framesDecoded > 0;
    });
    await page.getByText('Waiting for the director').waitFor({ state: 'hidden' });
    await page.context().close();
  });

  test('a session that is over says so, and a code that nobody knows is refused in words', async () => {
    const ended = await feed.cloud.session({ name: 'Over' });
    await feed.cloud.api('PATCH', `/api/sessions/${ended.id}`, { token: feed.cloud.token, body: { state: 'ended' } });
    const page = await openPage(browser);
    await page.goto(ended.viewerLink);
    await enter(page);
    await page.getByText('This session is over').first().waitFor();
    await page.goto('about:blank');
    await page.goto(`${feed.cloud.origin}/viewer/#NOSUCHCODE`);
    await enter(page);
    await page.getByText('No session has this code').first().waitFor();
    await page.context().close();
  });
});
