// A viewer on a train: far away, unsteady, through bursts of loss and a tunnel of 20 s. The page goes through it all
// without a tap, and says what is true at each moment.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
import { DEADLINE_MS, until } from './lib/program.mjs';
import { leadThrough, startRelay, startTcpRelay } from './lib/relay.mjs';

const ROUND_TRIP_MS = [80, 300];
const TUNNEL_MS = 20_000;

describe('a viewer on a train', () => {
  let feed;
  let browser;
  let media;
  let web;
  let page;

  before(async () => {
    feed = await startFeed({ sources: ['test'], cloudArgs: ['--webrtc-shards', '1'] });
    const host = '127.0.0.1';
    media = await startRelay({ target: { host, port: feed.cloud.ready.webrtc_port }, seed: 7 });
    web = await startTcpRelay({ target: { host, port: feed.cloud.ready.https_port }, seed: 8 });
    browser = await openBrowser();
    page = await openPage(browser, PHONE);
    await leadThrough(page, feed.cloud.ready.webrtc_port, media.port);
  });
  after(async () => {
    await browser?.close();
    media?.close();
    web?.close();
    await feed?.end();
  });

  const network = (change) => {
    media.set(change);
    web.set(change);
  };
  const scene = (kind) => page.locator(`main[data-scene="${kind}"]`).waitFor({ timeout: 2 * DEADLINE_MS });
  /** Some more pictures are decoded after this moment, by whichever connection, and nothing stands before them. */
  const goesOn = async (pictures = 5) => {
    const before = await inboundVideo(page);
    await until('new pictures', async () => {
      const now = await inboundVideo(page);
      const since = before && now?.ssrc === before.ssrc ? before.framesDecoded : 0;
      return now && now.framesDecoded >= since + pictures;
    }, 2 * DEADLINE_MS);
    await scene('live');
  };

  test('sees the show over a long and unsteady path', async () => {
    network({ delay_ms: ROUND_TRIP_MS[0] / 2, jitter_ms: 50 });
    await page.goto(feed.viewerLink.replace(`:${feed.cloud.ready.https_port}`, `:${web.port}`));
    await startWatching(page);
    await playing(page);
    await scene('live');
  });

  test('and goes on while the path gets longer and loses in bursts', async () => {
    for (const roundTrip of [150, ROUND_TRIP_MS[1]]) {
      network({ delay_ms: roundTrip / 2, jitter_ms: 50, loss: 0.03, burst: 4 });
      await goesOn(90);
    }
    await until('the path has lost', async () => (await inboundVideo(page)).packetsLost > 0);
    network({ delay_ms: ROUND_TRIP_MS[0] / 2, loss: 0, jitter_ms: 50 });
    await goesOn();
  });

  test('changes its network, and goes on in the same viewer session over another way', async () => {
    const asked = [];
    const note = (request) => request.url().includes('/whep/') && asked.push(request.method());
    page.on('request', note);
    const before = await inboundVideo(page);
    media.cut();
    const cut = performance.now();
    await until('ICE begins anew', () => asked.includes('PATCH'));
    await goesOn();
    console.log(`the picture was back ${Math.round(performance.now() - cut)} ms after its way was cut`);
    page.off('request', note);
    assert.ok(!asked.includes('POST') && !asked.includes('DELETE'), `the viewer session is the same: ${asked}`);
    const after = await inboundVideo(page);
    assert.equal(after.ssrc, before.ssrc);
    assert.ok(after.framesDecoded > before.framesDecoded, 'the same decoder');
  });

  test('reads in a tunnel that the network is lost, and sees the show again behind it without a tap', async () => {
    const entered = performance.now();
    network({ blocked: true });
    await scene('network_lost');
    await page.getByText('Your network is lost').waitFor();
    await until('the tunnel ends', () => performance.now() - entered > TUNNEL_MS, 2 * DEADLINE_MS);
    network({ blocked: false });
    const left = performance.now();
    await goesOn();
    console.log(`the picture was back ${Math.round(performance.now() - left)} ms after the tunnel, which nobody told the page`);
  });

  test('and after half a minute without any network, of whose return the browser tells', async () => {
    const gone = performance.now();
    await page.context().setOffline(true);
    network({ blocked: true });
    await scene('network_lost');
    await until('half a minute is over', () => performance.now() - gone > 30_000, 2 * DEADLINE_MS);
    network({ blocked: false });
    await page.context().setOffline(false);
    const back = performance.now();
    await goesOn();
    console.log(`the picture was back ${Math.round(performance.now() - back)} ms after the network (2000 is the promise)`);
    assert.deepEqual(page.problems, []);
  });
});
