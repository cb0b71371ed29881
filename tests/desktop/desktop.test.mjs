// A director's evening in the real program: WebKit's driver on a screen of its own, a real engine, a real cloud, a real
// NDI sender, an operator's page in Chromium.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from '../browser/lib/chromium.mjs';
import { Cloud, program } from '../browser/lib/cloud.mjs';
import { followCamera, lamp, playing } from '../browser/lib/pages.mjs';
import { Program, until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

const SHOTS = process.env.RETURNFEED_SHOTS;

/** What WebDriver calls the keys that write nothing. */
const KEY = { shift: '\uE008', escape: '\uE00C', enter: '\uE007' };

const EMAIL = 'director@example.org';
const PASSWORD = 'a passphrase for the tests';

describe('the director', () => {
  let cloud;
  let ports;
  let window;
  let driver;
  let browser;
  let operator;
  let sender;

  before(async () => {
    cloud = await Cloud.start();
    ports = cloud.ready;
    if (process.env.NDI_RUNTIME_DIR_V6) sender = new Program('ndi-sender', program('ndi-test-sender'), ['--name', 'cam']);
    window = await Window.open();
    driver = window.driver;
    browser = await openBrowser();
    if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await window?.end();
    await sender?.end();
    await cloud?.end();
  });

  const shot = (name) => SHOTS && window.shot(join(SHOTS, `${name}.png`));
  const view = () => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
  const says = (what, condition) => until(what, async () => condition(await view()));
  const onAir = (number) => driver.run('return document.querySelector(\'[data-of="programme"]\').dataset.source').then((n) => n === String(number));

  test('begins with three steps and makes a show of the sources that are added', async () => {
    await driver.find('section', /Ready in three steps/);
    shot('begin');
    await driver.click(/Add your cameras/);
    for (const count of [1, 2, 3]) {
      await driver.click(/^Test picture$/);
      await says(`${count} sources`, ({ show }) => show?.show.sources.length === count);
    }
    await says('three live sources', ({ sources }) => sources.filter((one) => one.state === 'live').length === 3);
  });

  test('finds an NDI sender on the network and takes it in', { skip: !process.env.NDI_RUNTIME_DIR_V6 }, async () => {
    await driver.click(/^Add CI \(cam\)$/);
    await says('four live sources', ({ sources }) => sources.filter((one) => one.state === 'live').length === 4);
  });

  test('names a source and its camera, and takes that back', async () => {
    await driver.write(/^Name of source 1$/, 'Stage left');
    await driver.run('document.activeElement.blur()');
    await says('the new name', ({ show, sources }) => show.show.sources[0].name === 'Stage left' && sources[0]?.label === 'Stage left');
    await driver.click(/^Undo$/);
    await says('the old name', ({ show }) => show.show.sources[0].name !== 'Stage left');
    await driver.click(/^Close$/);
  });

  test('sees the pictures of all sources', async () => {
    await says('all live again', ({ sources }) => sources.length >= 3 && sources.every((one) => one.state === 'live'));
    const painted = `return [...document.querySelectorAll('.pane canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(data).size;
    })`;
    await until('colours in every picture', async () => {
      const colours = await driver.run(painted);
      return colours.length >= 5 && colours.every((count) => count > 20);
    });
  });

  test('cuts by keys, once for each press', async () => {
    await driver.press('2');
    await says('2 on preview', ({ preview }) => preview === 2);
    await driver.press(' ');
    await until('2 on programme', () => onAir(2));
    await driver.press('3', KEY.shift);
    await until('3 on programme', () => onAir(3));
    shot('switching');
  });

  test('mixes, fades to black and back', async () => {
    await driver.press('1');
    await driver.press(KEY.enter);
    await until('1 on programme', () => onAir(1));
    await driver.press('f');
    await says('black', ({ black }) => black);
    await driver.press('f');
    await says('no longer black', ({ black }) => !black);
  });

  test('says the address of the cloud once and signs in', async () => {
    await driver.click(/^Settings$/);
    await driver.write(/cloud's address/, cloud.plainOrigin);
    await driver.click(/^Save$/);
    await driver.write(/^E-mail$/, EMAIL);
    await driver.write(/^Password$/, 'wrong by a mile');
    await driver.click(/^Sign in$/);
    await says('a refusal that can be read', (now) => now.cloud.trouble !== null);
    await driver.write(/^Password$/, PASSWORD);
    await driver.click(/^Sign in$/);
    await says('signed in', ({ account }) => account.state === 'in');
    await says('the show in the cloud', ({ shows }) => shows.every(({ sync }) => sync === 'synced'));
    shot('settings');
    await driver.click(/^Close$/);
  });

  test('measures the way to the cloud before anything is on air', async () => {
    await driver.click(/^Check$/);
    // It began by itself when the director signed in.
    await driver.find('button', /^Check again$/);
    await says('no line runs any more', ({ check }) => check?.length > 0 && check.every(({ is }) => is !== 'running'));
    const { check, session, air } = await view();
    const line = (what) => check.find((one) => one.what === what);
    assert.match(line('upload').says.text, /^1\.[345] Mbit\/s, round trip \d+ ms, lost \d+ of 1000/);
    // The port of this cloud is another than the usual one: the probe found it.
    assert.deepEqual([line('srt').is, line('srt').says.text], ['good', `127.0.0.1:${ports.srt_port}`]);
    assert.ok(session !== null && air.state === 'off', 'a session to go to, and nothing went there');
    shot('check-way');
    await driver.click(/^Close$/);
  });

  test('goes live by one click, and an operator who scans the code turns RED', async () => {
    await driver.click(/^Go live$/);
    await says('on air', ({ air }) => air.state === 'on' && air.door === 'everybody');
    await driver.press('j');
    await driver.find('section', /^Join code$/);
    shot('join');
    await driver.press(KEY.escape);
    const { session } = await view();
    operator = await openPage(browser, PHONE);
    await followCamera(operator, session.camera_link, 2);
    await playing(operator);
    await driver.press('2', KEY.shift);
    await lamp(operator, /on air/i).waitFor();
    await says('their page confirmed it', ({ operators }) => operators[0]?.camera === 2 && operators[0].shows === 'program');
    shot('live');
    await window.resize(1920, 1080);
    const columns = 'return document.querySelector(\'[data-of="programme"]\').getBoundingClientRect().width';
    await until('pictures as wide as the window allows', async () => (await driver.run(columns)) > 600);
    shot('live-1080');
    await window.resize(1280, 720);
  });

  test('sees what comes back from the cloud, and how late it is', async () => {
    await says('a picture that comes back with its delay', ({ monitor }) =>
      monitor.state === 'seen' && monitor.pictures_per_second > 0 && monitor.delay_ms > 0);
    await driver.find('section', /What comes back from the cloud/);
    await driver.find('span', /^\d+ ms late$/);
    const picture = `const canvas = document.querySelector('.monitor canvas');
      return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].join(' ').slice(0, 40000)`;
    const first = await driver.run(picture);
    await until('it moves', async () => (await driver.run(picture)) !== first);
    shot('monitor');
  });

  test('says something to an operator and hears the answer', async () => {
    await driver.click(/^Wide$/);
    await operator.getByText('Wide').first().waitFor();
    await operator.getByRole('button', { name: /ready/i }).first().click();
    await says('the answer', ({ answers }) => answers[0]?.answer === 'ready');
  });

  test('checks itself, line by line', async () => {
    await driver.click(/^Check$/);
    await driver.click(/^Check again$/);
    // Not the lines of the check before the show: nobody had a phone then.
    await says('no line runs any more', ({ check }) => {
      const phones = check?.find(({ what }) => what === 'phones');
      return phones?.says.code !== 'phones_none' && check?.every(({ is }) => is !== 'running');
    });
    const { check } = await view();
    const is = Object.fromEntries(check.map((line) => [line.what, line.is]));
    assert.equal(is.sources, 'good');
    assert.equal(is.encoder, 'good');
    assert.equal(is.cloud, 'good');
    assert.equal(is.clock, 'good');
    shot('check');
    await driver.click(/^Close$/);
  });

  test('goes on without the cloud and is back with it', async () => {
    await cloud.program.end('SIGKILL');
    await says('the cloud is missed', ({ uplink }) => uplink.state === 'absent');
    await driver.find('p', /The cloud cannot be heard/);
    await says('nothing comes back', ({ monitor }) => monitor.state === 'lost');
    shot('cloud-gone');
    await driver.press('1', KEY.shift);
    await until('a cut without the cloud', () => onAir(1));
    await cloud.serve({ ports });
    await says('the cloud is heard again', ({ uplink }) => uplink.state === 'connected');
    await says('the picture arrives again', ({ pushes }) => pushes.some(({ arrives }) => arrives));
    await says('and comes back', ({ monitor }) => monitor.state === 'seen');
    await driver.press('2', KEY.shift);
    await lamp(operator, /on air/i).waitFor();
  });

  test('goes off air by the second press alone', async () => {
    await driver.click(/^Stop$/);
    const pressed = Date.now();
    await driver.find('button', /^Press again/);
    assert.equal((await view()).air.state, 'on');
    // A second press within a quarter of a second is a slip of the same hand.
    await until('past a slip', async () => Date.now() - pressed > 300);
    await driver.click(/^Press again/);
    await says('off air', ({ air, monitor }) => air.state === 'off' && monitor.state === 'off');
  });

  test('writes the cut list and the tally report of what was on air', async () => {
    await driver.click(/two versions$|synced$|saved here/);
    await driver.click(/^Cut list and tally report$/);
    const { done } = await until('where they are', async () => {
      const now = await view();
      return now.done !== null && now;
    });
    const files = readdirSync(done.says.text).map((name) => name.replace(/^.*\./, ''));
    assert.deepEqual(files.sort(), ['edl', 'json', 'md', 'otio']);
    const [edl] = readdirSync(done.says.text).filter((name) => name.endsWith('.edl'));
    assert.match(readFileSync(join(done.says.text, edl), 'utf8'), /FROM CLIP NAME/);
    await driver.click(/^Close$/);
  });

  test('speaks Korean, and so does what the engine says', async () => {
    await driver.click(/한국어/);
    await driver.find('button', /^방송 시작/);
    shot('korean');
    await driver.click(/^점검$/);
    await driver.find('span', /^\d+개 모두 프레임을 보냅니다$/);
    await driver.press(KEY.escape);
  });
});
