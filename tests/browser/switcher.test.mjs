// Another switcher's tally through the whole way: TSL over UDP → director → relay → the operator's page.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { followCamera, lamp } from './lib/pages.mjs';

/** A record of TSL UMD 3.1: tally 2 is programme, tally 1 preview. */
function record(address, { programme = false, preview = false }, name) {
  const control = (preview ? 1 : 0) | (programme ? 2 : 0);
  return Buffer.concat([Buffer.from([0x80 + address, control]), Buffer.from(name.padEnd(16), 'latin1')]);
}

async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

describe('the tally of another switcher', () => {
  const sender = createSocket('udp4');
  let port;
  let feed;
  let browser;
  before(async () => {
    port = await freePort();
    feed = await startFeed({ sources: ['test'], directorArgs: ['--tally', `desk=tsl:127.0.0.1:${port}?silence=2`] });
    browser = await openBrowser();
  });
  after(async () => {
    sender.close();
    await browser?.close();
    await feed?.end();
  });

  test('lights the page by what the switcher says, and says why; its silence is unknown', async () => {
    let desk = [record(1, { programme: true }, 'WIDE'), record(2, { preview: true }, 'TIGHT')];
    const repeat = setInterval(() => desk.forEach((display) => sender.send(display, port, '127.0.0.1')), 200);
    try {
      await feed.director.program.waitFor(/desk: 1 "WIDE" is camera 1, 2 "TIGHT" is camera 2/);
      const [one, two] = await Promise.all(
        [1, 2].map(async (number) => {
          const page = await openPage(browser, PHONE);
          await followCamera(page, feed.cameraLink, number);
          return page;
        }),
      );
      await Promise.all([lamp(one, 'ON AIR').waitFor(), lamp(two, 'NEXT').waitFor()]);
      await one.getByText('desk, input WIDE').first().waitFor();

      // A mix: both sides are RED; then it has ended.
      desk = [record(1, { programme: true }, 'WIDE'), record(2, { programme: true, preview: true }, 'TIGHT')];
      await Promise.all([lamp(one, 'ON AIR').waitFor(), lamp(two, 'ON AIR').waitFor()]);
      desk = [record(1, {}, 'WIDE'), record(2, { programme: true }, 'TIGHT')];
      await Promise.all([lamp(one, 'STANDBY').waitFor(), lamp(two, 'ON AIR').waitFor()]);

      clearInterval(repeat);
      await lamp(two, 'NO SIGNAL').waitFor();
      await two.getByText('desk cannot be heard').first().waitFor();
      assert.deepEqual([one.problems, two.problems], [[], []]);
    } finally {
      clearInterval(repeat);
    }
  });
});
