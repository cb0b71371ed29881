// WHEP as others speak it: a player that is not ours, on a page of another origin, over every way to the server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { openBrowser } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { Coturn } from './lib/coturn.mjs';
import { playing } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
import { Player } from './lib/player.mjs';
import { Program, until } from './lib/program.mjs';
import { push } from './lib/push.mjs';

describe('WHEP', () => {
  let turn;
  let cloud;
  let session;
  let feed;
  let browser;
  let player;
  before(async () => {
    turn = await Coturn.start();
    cloud = await Cloud.start({ args: ['--turn-url', turn.url, '--turn-secret-file', turn.secretFile] });
    session = await cloud.session();
    feed = await push(cloud, session);
    browser = await openBrowser();
    player = await Player.serve(browser);
  });
  after(async () => {
    await player?.end();
    await browser?.close();
    await feed?.end();
    await cloud?.end();
    await turn?.end();
  });

  async function play(options = {}) {
    const page = await player.open();
    const { token } = await cloud.join(session.cameraCode, 'Ada');
    await page.evaluate(
      ([url, bearer, how]) => window.play(url, bearer, how),
      [`${cloud.plainOrigin}/whep/${session.id}`, token, options],
    );
    await playing(page);
    return page;
  }

  const heard = (page, kind, matches) =>
    until(`the event ${kind}`, () =>
      page.evaluate((name) => window.heard.filter(([of]) => of === name).map(([, data]) => data), kind)
        .then((all) => all.find(matches)),
    );

  /** More pictures than there were. */
  async function goesOn(page, more = 30) {
    const { framesDecoded } = await inboundVideo(page);
    return until('more pictures', async () => (await inboundVideo(page)).framesDecoded > framesDecoded + more);
  }

  test('whip-whep plays, is told the layers, chooses one, and leaves', async () => {
    const page = await play();
    await page.evaluate((kinds) => window.listen(kinds), ['active', 'layers', 'viewercount']);
    assert.deepEqual((await inboundVideo(page)).frameHeight, 360);
    await page.evaluate(() => window.client.selectLayer({ mediaId: '1', encodingId: 'low' }));
    await until('the low layer', async () => (await inboundVideo(page)).frameHeight === 180);
    const layers = await heard(page, 'layers', (data) => data['1'].some(({ rid, selected }) => rid === 'low' && selected));
    const [high, low] = layers['1'];
    assert.ok(high.bitrate > low.bitrate && low.bitrate > 0, JSON.stringify(layers));
    assert.equal(low.reason, 'chosen');
    await page.evaluate(() => window.client.selectLayer({ mediaId: '1', rid: 'no such layer' }));
    await goesOn(page);
    await page.evaluate(() => window.client.selectLayer({}));
    await until('the high layer', async () => (await inboundVideo(page)).frameHeight === 360);
    await page.evaluate(() => window.client.stop());
    await until('the seat is free', async () => (await cloud.metrics()).sum('simulcast_active_viewers') === 0);
    await page.context().close();
  });

  test('an ICE restart moves media to the new ICE session without a gap', async () => {
    const page = await play();
    const first = await page.evaluate(() => window.pair());
    const before = await inboundVideo(page);
    const fragment = await page.evaluate(() => window.restart());
    const second = await until('a pair of the new ICE session', async () => {
      const now = await page.evaluate(() => window.pair());
      return now && now.ours !== first.ours && now.changes > first.changes && now;
    });
    assert.equal(second.ours, fragment);
    await goesOn(page, 60);
    const end = await inboundVideo(page);
    assert.equal(end.packetsLost, before.packetsLost);
    await page.evaluate(() => window.restart());
    await until('the third', async () => (await page.evaluate(() => window.pair()))?.ours !== second.ours);
    await goesOn(page);
    await page.context().close();
  });

  test('where UDP does not get through, the picture comes over TCP', async () => {
    const page = await play({ only: 'tcp' });
    const { remote } = await page.evaluate(() => window.pair());
    assert.equal(remote.protocol, 'tcp');
    assert.ok(cloud.ready.webrtc_ports.includes(remote.port), `${remote.port}`);
    await goesOn(page, 90);
    await page.context().close();
  });

  test('a player that may only relay plays through coturn with the credentials it was given', async () => {
    const page = await play({ relay: true });
    const { local } = await page.evaluate(() => window.pair());
    assert.equal(local.candidateType, 'relay');
    await goesOn(page, 60);
    await page.context().close();
  });
});

const WEBRTCBIN = fileURLToPath(new URL('../tools/whep-webrtcbin.py', import.meta.url));

test('GStreamer’s webrtcbin plays, given an elliptic-curve certificate', async () => {
  const cloud = await Cloud.start({ listen: '0.0.0.0' }); // libnice has no loopback candidate
  const session = await cloud.session();
  const feed = await push(cloud, session, ['high']);
  try {
    const { token } = await cloud.join(session.cameraCode, 'Ada');
    const player = new Program('webrtcbin', WEBRTCBIN, [`${cloud.plainOrigin}/whep/${session.id}`, token, '60']);
    const { code } = await player.exited;
    assert.equal(code, 0, player.tail());
    assert.match(player.tail(), /decoded 60 pictures of 640x360/);
  } finally {
    await feed.end();
    await cloud.end();
  }
});
