// `./dev demo` as a person runs it: links that open, cuts by typing, and nothing left after Ctrl-C.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { followCamera, lamp, playing, startWatching } from './lib/pages.mjs';
import { Program } from './lib/program.mjs';

const ROOT = join(import.meta.dirname, '../..');

describe('./dev demo', () => {
  let folder;
  let demo;
  let browser;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'returnfeed-demo-'));
    browser = await openBrowser();
    demo = new Program('demo', join(ROOT, 'dev'), ['demo', '--source', 'test', '--source', 'test', '--address', '127.0.0.1'], {
      env: { RETURNFEED_DEMO_DATA: join(folder, 'state'), RETURNFEED_DEMO_PORTS: 'any' },
    });
  });
  after(async () => {
    await browser?.close();
    await demo?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('its links open in a browser, a typed number cuts, and Ctrl-C leaves nothing running', async () => {
    const link = async (path) => /https:\/\/\S+/.exec(await demo.waitFor(new RegExp(`https://.*/${path}/#`), { deadlineMs: 600_000 }))[0];
    const [cameraLink, viewerLink] = [await link('camera'), await link('viewer')];
    const operator = await openPage(browser, PHONE);
    await followCamera(operator, cameraLink, 2);
    const viewer = await openPage(browser);
    await viewer.goto(viewerLink);
    await startWatching(viewer);
    await playing(viewer);
    demo.type('2');
    await lamp(operator, 'ON AIR').waitFor();
    demo.type('1');
    await lamp(operator, 'NEXT').waitFor();
    demo.signal('SIGINT');
    await demo.exited;
    const left = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder));
    assert.deepEqual(left, [], 'nothing is left running');
  });
});
