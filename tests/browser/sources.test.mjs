// Real sources through the whole way: a film from a file, and a film that breaks.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { until } from './lib/program.mjs';

const FILM = process.env.RETURNFEED_TEST_VIDEO;

/** Mean colour of a 16x9 sample of the picture, to tell one picture from another. */
const sample = (page) =>
  page.evaluate(() => {
    const video = document.querySelector('video');
    const canvas = new OffscreenCanvas(16, 9);
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 16, 9);
    return [...context.getImageData(0, 0, 16, 9).data];
  });

const difference = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

describe('a file as a source', () => {
  let folder;
  let feed;
  let browser;
  before(async () => {
    assert.ok(FILM, 'RETURNFEED_TEST_VIDEO must name the film; run this by ./dev test browser');
    folder = mkdtempSync(join(tmpdir(), 'returnfeed-film-'));
    copyFileSync(FILM, join(folder, 'film.mp4'));
    feed = await startFeed({ sources: [`file:${join(folder, 'film.mp4')}`, `file:${join(folder, 'missing.mp4')}`] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a real film plays, moves, and goes on after its end', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    const first = await sample(page);
    await until('another picture of the film', async () => difference(first, await sample(page)) > 4);
    const { framesDecoded } = await playing(page);
    // The film is 5.3 s long: 8 s of pictures at its 25 a second means it was looped.
    await until('pictures beyond the film’s end', async () => (await playing(page)).framesDecoded > framesDecoded + 200);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a missing film shows a slate with its name, and the film appears by itself once it is there', async () => {
    const page = await openPage(browser);
    await page.goto(feed.viewerLink);
    await startWatching(page);
    await playing(page);
    assert.match(feed.director.program.lines.join('\n'), /missing\.mp4/, 'the director was told which file is missing');
    const film = await sample(page);
    feed.director.cut(2);
    await until('the slate', async () => difference(film, await sample(page)) > 8);
    const slate = await sample(page);
    const { framesDecoded } = await playing(page);
    await until('the push goes on', async () => (await playing(page)).framesDecoded > framesDecoded + 20);
    copyFileSync(FILM, join(folder, 'missing.mp4'));
    await until('the film in place of the slate', async () => difference(slate, await sample(page)) > 8);
    await page.context().close();
  });
});
