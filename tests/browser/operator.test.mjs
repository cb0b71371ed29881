// The operator's page on an emulated phone, over a certificate that the browser trusts: what RED does to motor,
// loudspeaker and screen, and what comes back by itself after each thing that happens to a phone.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { Authority } from './lib/authority.mjs';
import { accessible } from './lib/axe.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { enter, lamp, playing } from './lib/pages.mjs';
import { until } from './lib/program.mjs';

const SHOTS = process.env.RETURNFEED_SCREENSHOTS;
const RED_PATTERN = [180, 80, 180];
const LANDSCAPE = { ...PHONE, viewport: { width: 844, height: 390 } };

/** Runs before the page: writes down what it asks of the phone, and asks the phone all the same. */
function watchPhone() {
  const phone = { vibrated: [], tones: 0, contexts: [], locks: [] };
  window.phone = phone;
  Navigator.prototype.vibrate = (pattern) => {
    phone.vibrated.push(pattern);
    return true;
  };
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function begin(...at) {
    phone.tones += 1;
    return start.apply(this, at);
  };
  window.AudioContext = new Proxy(AudioContext, {
    construct(target, args) {
      const context = new target(...args);
      phone.contexts.push(context);
      return context;
    },
  });
  const { request } = WakeLock.prototype;
  WakeLock.prototype.request = async function ask(kind) {
    const lock = await request.call(this, kind);
    phone.locks.push(lock);
    return lock;
  };
}

describe('the operator’s page', () => {
  let authority;
  let feed;
  let browser;
  before(async () => {
    authority = new Authority();
    feed = await startFeed({ sources: ['test', 'test', 'test'], cloudArgs: authority.cloudArgs });
    browser = await openBrowser([], { home: authority.home });
    if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  });
  after(async () => {
    await browser?.close();
    await feed?.end();
    authority?.end();
  });

  async function operator(number, { earphones = false, prepare = async () => {}, ...options } = {}) {
    const page = await openPage(browser, { ...PHONE, ignoreHTTPSErrors: false, ...options });
    await page.addInitScript(watchPhone);
    await prepare(page);
    await page.goto(feed.cameraLink);
    await enter(page);
    await page.getByRole('button', { name: new RegExp(`camera ${number}\\b|카메라 ${number}\\b`, 'i') }).first().click();
    // The number may still be another test's phone: two follow one camera.
    const [start, second] = [/^Start$|^시작$/, /^Join as second$|^두 번째로 참여$/].map((name) => page.getByRole('button', { name }));
    await until('the camera is ours', async () => {
      if (await second.isVisible()) await second.click();
      return start.isEnabled();
    });
    if (earphones) await page.getByRole('button', { name: /Earphones/ }).click();
    await start.click();
    return page;
  }

  /** The buses as a test begins with them, whatever the one before it left. */
  const buses = async (programme, preview) => {
    feed.director.cut(programme);
    // A cut swaps the buses at its frame: only then is the preview ours to set.
    const from = lines();
    const isOnAir = (line) => line.includes(`camera ${programme} RED`);
    await until('the cut', () => {
      feed.director.program.type('s');
      return feed.director.program.lines.slice(from).some(isOnAir);
    }, 30_000, 200);
    feed.director.preview(preview);
  };
  const phone = (page) =>
    page.evaluate(() => ({
      vibrated: window.phone.vibrated,
      tones: window.phone.tones,
      audio: window.phone.contexts.map(({ state }) => state),
      locks: window.phone.locks.map(({ released }) => released),
    }));
  const shot = async (page, name) => {
    await accessible(page, name);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
  };
  /** What the director reads from line `from` on. */
  const told = (pattern, from) => feed.director.program.waitFor(pattern, { from, deadlineMs: 60_000 });
  const lines = () => feed.director.program.lines.length;

  /** The browser says that the page is hidden, as a phone does when its screen is locked. */
  const hide = (page, hidden) =>
    page.evaluate((value) => {
      const state = value ? 'hidden' : 'visible';
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);

  test('RED is felt and heard once, GREEN neither, and the director reads when it was shown', async () => {
    await buses(1, 2);
    const page = await operator(2, { earphones: true });
    await lamp(page, 'NEXT').waitFor();
    const before = await phone(page);
    assert.deepEqual(before.vibrated.slice(1), [], 'nothing but the knock of the start');
    assert.equal(before.tones, 0);
    await until('the loudspeaker is this page’s', async () => (await phone(page)).audio.join() === 'running');
    const from = lines();
    feed.director.cut(2);
    await lamp(page, 'ON AIR').waitFor();
    await told(/on camera 2 sees RED after \d+ ms/, from);
    const red = await phone(page);
    assert.deepEqual(red.vibrated.slice(1), [RED_PATTERN]);
    assert.equal(red.tones, 2, 'two short tones');
    await playing(page);
    feed.director.cut(3);
    await lamp(page, 'NEXT').waitFor();
    assert.deepEqual((await phone(page)).vibrated.slice(1), [RED_PATTERN], 'GREEN is sight alone');
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('light and vibration only takes no loudspeaker; the director silences those who have one', async () => {
    await buses(1, 2);
    const light = await operator(2);
    const loud = await operator(2, { earphones: true });
    await lamp(loud, 'NEXT').waitFor();
    feed.director.program.type('b0');
    await loud.getByText('The director keeps every phone silent').waitFor();
    feed.director.cut(2);
    await Promise.all([lamp(light, 'ON AIR').waitFor(), lamp(loud, 'ON AIR').waitFor()]);
    assert.deepEqual((await phone(light)).audio, []);
    const silenced = await phone(loud);
    assert.deepEqual([silenced.tones, silenced.vibrated.slice(1)], [0, [RED_PATTERN]]);
    feed.director.program.type('b1');
    await loud.getByText('The director keeps every phone silent').waitFor({ state: 'detached' });
    for (const page of [light, loud]) await page.context().close();
  });

  test('a cue stands over the picture until its tap, through a lost connection; hand and problem reach the director', async () => {
    const page = await operator(1);
    await page.getByText('Connected').first().waitFor();
    feed.director.program.type('m1 <b>wide</b>, slowly');
    const cue = page.getByRole('status', { name: 'Message of the director' });
    await cue.getByText('<b>wide</b>, slowly').waitFor();
    await shot(page, 'cue-portrait');
    await page.context().setOffline(true);
    await page.getByText('Reconnecting').first().waitFor();
    await page.context().setOffline(false);
    await page.getByText('Connected').first().waitFor();
    await cue.getByText('<b>wide</b>, slowly').waitFor();
    let from = lines();
    await cue.getByRole('button', { name: 'Ready' }).click();
    await told(/\(camera 1\) is READY for "<b>wide<\/b>, slowly"/, from);
    await cue.getByText('wide').waitFor({ state: 'detached' });
    from = lines();
    await page.getByRole('button', { name: 'Tell the director of a problem' }).click();
    await told(/\(camera 1\) has a PROBLEM/, from);
    from = lines();
    feed.director.program.type('r');
    await told(/\(camera 1\): has a PROBLEM/, from);
    await page.context().close();
  });

  test('the screen stays lit, and is taken again after the phone was locked; RED in between is not cried after', async () => {
    await buses(1, 2);
    const page = await operator(3);
    await until('the lock is held', async () => (await phone(page)).locks.length === 1);
    await lamp(page, 'STANDBY').waitFor();
    let from = lines();
    await hide(page, true);
    await told(/sees unknown|the page is hidden/, from);
    await page.evaluate(() => window.phone.locks[0].release()); // as a browser does to a page that is hidden
    await new Promise((later) => setTimeout(later, 3_000)); // longer than any word is fresh
    from = lines();
    await hide(page, false);
    await until('the lock is held again', async () => (await phone(page)).locks.join() === 'true,false');
    await lamp(page, 'STANDBY').waitFor();
    await playing(page);
    await page.context().close();
  });

  test('sound that the phone took away says so on both sides until a tap gives it back', async () => {
    const page = await operator(3, { earphones: true });
    await until('the loudspeaker is this page’s', async () => (await phone(page)).audio.join() === 'running');
    let from = lines();
    // As a call does to an iPhone: what was running is not, and does not come back without a tap.
    await page.evaluate(async () => {
      const [context] = window.phone.contexts;
      context.resume = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      await context.suspend();
    });
    const bar = page.getByRole('button', { name: 'Tap to arm sound and vibration' });
    await bar.waitFor();
    await told(/sound waits for a tap/, from);
    await shot(page, 'unarmed-portrait');
    await page.evaluate(() => delete window.phone.contexts[0].resume);
    from = lines();
    await bar.click();
    await bar.waitFor({ state: 'detached' });
    await told(/\(camera 3\): (?!.*sound waits)/, from);
    await page.context().close();
  });

  test('the lamp goes on without the picture, and where the browser has no H.264', async () => {
    await buses(1, 2);
    const page = await operator(2, {
      prepare: (fresh) =>
        fresh.addInitScript(() => {
          const { createOffer } = RTCPeerConnection.prototype;
          RTCPeerConnection.prototype.createOffer = async function offer(...options) {
            const made = await createOffer.apply(this, options);
            return { type: made.type, sdp: made.sdp.replaceAll('H264', 'H263') };
          };
          // What is offered is what is said: the changed text could not be set.
          const { setLocalDescription } = RTCPeerConnection.prototype;
          RTCPeerConnection.prototype.setLocalDescription = function set(description) {
            const sdp = description?.sdp?.replaceAll('H263', 'H264');
            const done = setLocalDescription.call(this, sdp ? { ...description, sdp } : description);
            const real = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, 'localDescription');
            Object.defineProperty(this, 'localDescription', {
              get: () => {
                const local = real.get.call(this);
                return local && { type: local.type, sdp: local.sdp.replaceAll('H264', 'H263') };
              },
            });
            return done;
          };
        }),
    });
    await page.getByText('Picture not possible on this phone').waitFor();
    await lamp(page, 'NEXT').waitFor();
    await page.getByRole('button', { name: 'Picture on. Turn it off to spare the phone' }).click();
    await page.getByText('Tally and messages go on.').waitFor();
    feed.director.cut(2);
    await lamp(page, 'ON AIR').waitFor();
    await page.context().close();
  });

  test('each lamp by sight: portrait and landscape, English and Korean', async () => {
    for (const [form, device] of [['portrait', PHONE], ['landscape', LANDSCAPE]]) {
      for (const [locale, words] of [['en-GB', ['ON AIR', 'NEXT', 'STANDBY']], ['ko-KR', ['송출 중', '다음', '대기']]]) {
        const page = await operator(1, { ...device, locale });
        const name = `${form}-${locale.slice(0, 2)}`;
        feed.director.cut(1);
        await page.getByRole('status', { name: /tally|탈리/i }).filter({ hasText: words[0] }).waitFor();
        await playing(page);
        await shot(page, `red-${name}`);
        feed.director.cut(2);
        await page.getByRole('status', { name: /tally|탈리/i }).filter({ hasText: words[1] }).waitFor();
        await shot(page, `green-${name}`);
        await page.context().setOffline(true);
        await page.getByRole('status', { name: /tally|탈리/i }).filter({ hasText: /NO SIGNAL|확인 불가/ }).waitFor();
        await shot(page, `unknown-${name}`);
        await page.context().setOffline(false);
        await page.getByRole('button', { name: /Change camera|카메라 바꾸기/ }).click();
        await shot(page, `sheet-${name}`);
        await page.context().close();
      }
    }
  });

  test('a reload with the server gone still shows the page and NO SIGNAL; both return with the server', async () => {
    await buses(1, 2);
    const page = await operator(1);
    await lamp(page, 'ON AIR').waitFor();
    const kept = await until('the page’s own files are kept', () =>
      page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        if (registration?.active?.state !== 'activated') return null;
        const shell = await caches.open('shell-1');
        return (await shell.keys()).map((request) => new URL(request.url).pathname);
      }));
    assert.ok(kept.includes('/camera/'), kept.join());
    assert.deepEqual(kept.filter((path) => path !== '/camera/' && !path.startsWith('/assets/')), [], 'and nothing else');
    const ports = feed.cloud.ready;
    await feed.cloud.program.end('SIGKILL');
    await lamp(page, 'NO SIGNAL').waitFor();
    await page.reload();
    await lamp(page, 'NO SIGNAL').waitFor();
    assert.ok((await lamp(page, 'NO SIGNAL').boundingBox()).width > 250, 'it is there to be seen');
    await shot(page, 'server-gone-portrait');
    await feed.cloud.serve({ ports, args: authority.cloudArgs });
    // By themselves; what the phone gives to a tap alone is asked for, and the director is told that it lacks.
    await lamp(page, 'ON AIR').waitFor({ timeout: 60_000 });
    await playing(page);
    assert.equal(await page.getByRole('button', { name: 'Start' }).count(), 0, 'nobody is asked again');
    const arm = page.getByRole('button', { name: 'Tap to arm sound and vibration' });
    await arm.waitFor();
    const [bar, view] = [await arm.boundingBox(), page.viewportSize()];
    assert.ok(bar.width > 0.85 * view.width, `${bar.width} of ${view.width} is no full width`);
    const from = lines();
    await until('the director reads that it is not armed', () => {
      feed.director.program.type('r');
      return feed.director.program.lines.slice(from).some((line) => /camera 1\b.*arm|tap/i.test(line));
    }, 30_000, 500);
    await arm.click();
    await arm.waitFor({ state: 'detached' });
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
});
