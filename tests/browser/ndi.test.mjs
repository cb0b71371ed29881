// A real NDI sender → engine → cloud → Chromium, and the sender's own tally.
// Runs in a network namespace of its own, where the NDI runtime finds itself on loopback (tests/tools/with-ndi.sh).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage } from './lib/chromium.mjs';
import { program } from './lib/cloud.mjs';
import { Director } from './lib/director.mjs';
import { startFeed } from './lib/feed.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { Program, until } from './lib/program.mjs';

describe('an NDI source', () => {
  let sender;
  let feed;
  let browser;
  before(async () => {
    assert.ok(process.env.NDI_RUNTIME_DIR_V6, 'the NDI runtime is not set; run this by ./dev test browser');
    sender = new Program('ndi-sender', program('ndi-test-sender'), ['--name', 'cam']);
    feed = await startFeed({ sources: ['ndi:CI (cam)', 'test'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
    await sender?.end();
  });

  const tally = () => {
    const said = sender.lines.filter((line) => /tally/i.test(line)).at(-1);
    return said ? JSON.parse(said) : null;
  };

  test('is seen in Chromium, and its sender is RED only while it is on programme', async () => {
    feed.director.cut(1);
    await until('the sender is told programme', () => tally()?.program === true);
    await feed.director.program.waitFor(/Source 1 says that it shows its lamp/);
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    feed.director.cut(2);
    await until('the sender is no longer on programme', () => tally()?.program === false);
    await until('the sender is on preview', () => tally()?.preview === true);
    feed.director.cut(1);
    await until('the sender is on programme again', () => tally()?.program === true);
    await feed.director.end('SIGKILL');
    await until('a killed director leaves no lamp on', () => tally()?.program === false && tally()?.preview === false);
    await page.context().close();
  });

  test('a lamp that its sender does not show any more is said to be not confirmed', async () => {
    feed.director = new Director(feed.cloud, feed.session, { sources: ['ndi:CI (cam)', 'test'] });
    await feed.director.program.waitFor(/Source 1 says that it shows its lamp/);
    await sender.end('SIGKILL');
    await feed.director.program.waitFor(/Source 1 has NOT confirmed its lamp/);
  });
});
