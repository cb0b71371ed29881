// The director's window, killed while it is live: its parent starts the next, which is back on air by itself. The login
// stands in the system's keyring meanwhile, where the browser's sign-in has put it.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from '../browser/lib/chromium.mjs';
import { Cloud } from '../browser/lib/cloud.mjs';
import { followCamera, lamp, playing } from '../browser/lib/pages.mjs';
import { inboundVideo } from '../browser/lib/peer.mjs';
import { until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

describe('a window that is killed while live', () => {
  let cloud;
  let window;
  let browser;
  let operator;
  let processes;
  const words = [];

  before(async () => {
    cloud = await Cloud.start();
    window = await Window.open();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await window?.end();
    await cloud?.end();
  });

  const view = () =>
    window.driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
  const ask = (intent) =>
    window.driver.runAsync('const done = arguments[1]; window.__TAURI__.core.invoke("ask", { intent: arguments[0] }).then(done)', intent);
  const says = (what, condition) => until(what, async () => condition(await view()));
  const recordings = () => readdirSync(join(window.home, 'ReturnFeed')).filter((name) => name.endsWith('.mkv'));

  test('signs in by the system\'s browser, and the keyring keeps the login', async () => {
    await window.driver.find('section', /Ready in three steps/);
    await window.driver.click(/^Settings$/);
    await window.driver.write(/cloud's address/, cloud.plainOrigin);
    await window.driver.click(/^Save$/);
    await window.driver.click(/^Sign in by browser$/);
    const address = await until('the address for the browser', () => window.asked());
    const page = await openPage(browser);
    await page.goto(address);
    await page.getByLabel('E-mail').fill('director@example.org');
    await page.getByLabel('Password').fill('a passphrase for the tests');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Sign in on this computer?' }).waitFor();
    await page.getByRole('button', { name: 'Yes, sign in' }).click();
    const { account } = await until('signed in', async () => {
      const now = await view();
      return now.account.state === 'in' && now;
    });
    assert.deepEqual([account.email, account.kept], ['director@example.org', 'keyring']);
    await window.driver.find('p', /This system's keyring keeps the login/);
    await page.close();
    await window.driver.click(/^Close$/);
  });

  test('goes live with a recording, and an operator is RED', async () => {
    await window.driver.click(/^Sources$/);
    for (const count of [1, 2]) {
      await window.driver.click(/^Test picture$/);
      await says(`${count} sources`, ({ show }) => show?.show.sources.length === count);
    }
    await window.driver.click(/^Close$/);
    await says('both live', ({ sources }) => sources.filter((one) => one.state === 'live').length === 2);
    await window.driver.click(/^Go live$/);
    await says('on air', ({ air }) => air.state === 'on' && air.door === 'everybody');
    assert.match(await until('sleep is held off', () => window.awake()), /--what=idle:sleep:handle-lid-switch/);
    await ask({ do: 'record', on: true });
    await says('a recording', ({ recording }) => recording.state === 'running');
    operator = await openPage(browser, PHONE);
    operator.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        const word = JSON.parse(payload);
        if (word.type === 'tally') words.push({ at: performance.now(), word });
      }),
    );
    const { session } = await view();
    await followCamera(operator, session.camera_link, 2);
    await playing(operator);
    await ask({ do: 'hot_cut', source: 2 });
    await lamp(operator, /on air/i).waitFor();
  });

  test('is back on air by itself: the same programme and recording, a higher epoch', async () => {
    const { epoch } = words.at(-1).word.state;
    const before = await inboundVideo(operator);
    processes = window.processes();
    process.kill(processes.child, 'SIGKILL');
    const killed = performance.now();
    const { at } = await until('a word of the next run', () => words.find(({ word }) => word.state.epoch > epoch));
    const red = await until('RED by it', () =>
      words.find(({ word: { state } }) =>
        state.epoch > epoch && state.cameras.some(({ camera, tally: shown }) => camera === 2 && shown === 'program')));
    const frames = await until('pictures of the next run', async () => {
      const now = await inboundVideo(operator);
      return now.framesDecoded > before.framesDecoded + 30 && now;
    });
    assert.ok(frames.keyFramesDecoded > before.keyFramesDecoded, 'the next run begins with a keyframe');
    console.log(`its first word after ${Math.round(at - killed)} ms, RED after ${Math.round(red.at - killed)} ms, `
      + `30 pictures after ${Math.round(performance.now() - killed)} ms`);
    await lamp(operator, /on air/i).waitFor();
    await window.follow(processes);
    const now = await view();
    assert.deepEqual(now.air, { state: 'on', door: 'everybody' });
    assert.deepEqual([now.programme, now.preview, now.account.state], [2, 1, 'in']);
    await says('a recording', ({ recording }) => recording.state === 'running');
    assert.equal(recordings().length, 2, 'a file of each run');
  });

  test('ended by a person it stays ended, and the next start is signed in and off air', async () => {
    await ask({ do: 'stop' });
    await says('off air', ({ air }) => air.state === 'off');
    await until('sleep is held off no longer', () => window.awake() === null);
    process.kill(processes.parent, 'SIGTERM');
    await until('the program has ended', () => {
      try {
        return process.kill(processes.parent, 0) && false;
      } catch {
        return true;
      }
    });
    await window.close();
    await window.start();
    await says('signed in as before', ({ account }) => account.state === 'in' && account.kept === 'keyring');
    const { air, show } = await view();
    assert.deepEqual([air.state, show.show.sources.length], ['off', 2]);
  });
});
