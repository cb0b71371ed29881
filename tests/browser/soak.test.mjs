// Left running: several viewers and operators, cuts all the time, nothing freezes, nothing grows.
// A slice of half a minute in the normal suite; ten minutes in `./dev test long`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { followCamera, lamp, playing, startWatching } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
import { until } from './lib/program.mjs';

const LONG = process.env.RETURNFEED_LONG === '1';
const CUTS = LONG ? 600 : 20;
const VIEWERS = LONG ? 4 : 2;

const residentKib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

describe('soak', () => {
  test('cuts all the time, and every page follows each of them', { timeout: LONG ? 1_800_000 : 300_000 }, async () => {
    const feed = await startFeed({ sources: ['test', 'test'] });
    const browser = await openBrowser();
    try {
      const operator = await openPage(browser, PHONE);
      await followCamera(operator, feed.cameraLink, 1);
      const viewers = [];
      for (let i = 0; i < VIEWERS; i += 1) {
        const page = await openPage(browser);
        await page.goto(feed.viewerLink);
        await startWatching(page);
        await playing(page);
        viewers.push(page);
      }
      let settled;
      for (let cut = 0; cut < CUTS; cut += 1) {
        feed.director.cut(2);
        await lamp(operator, 'NEXT').waitFor();
        feed.director.cut(1);
        await lamp(operator, 'ON AIR').waitFor();
        if (cut === Math.floor(CUTS / 4)) settled = [feed.cloud.program.pid, feed.director.program.pid].map(residentKib);
        if (LONG) await new Promise((resolve) => setTimeout(resolve, 1000)); // the length is the test
      }
      const grown = [feed.cloud.program.pid, feed.director.program.pid].map(residentKib);
      console.log(`resident KiB: cloud ${settled[0]} → ${grown[0]}, director ${settled[1]} → ${grown[1]}`);
      for (const page of viewers) {
        const { framesDecoded } = await inboundVideo(page);
        await until('pictures still arriving', async () => (await inboundVideo(page)).framesDecoded > framesDecoded + 60);
        assert.deepEqual(page.problems, []);
      }
      if (LONG) {
        assert.ok(grown[0] < settled[0] * 1.5 + 20_000, 'the cloud’s memory grows');
        assert.ok(grown[1] < settled[1] * 1.5 + 20_000, 'the director’s memory grows');
      }
    } finally {
      await browser.close();
      await feed.end();
    }
  });
});
