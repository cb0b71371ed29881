// Two directors of one account, each at a window of their own, and a cloud that is away while both change the same show: both
// versions are kept, and a person chooses.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Cloud } from '../browser/lib/cloud.mjs';
import { until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

describe('two windows and a cloud that was away', () => {
  let cloud;
  let ports;
  const windows = [];

  before(async () => {
    cloud = await Cloud.start();
    ports = cloud.ready;
    for (let n = 0; n < 2; n += 1) windows.push(await Window.open());
  });
  after(async () => {
    for (const window of windows) await window.end();
    await cloud?.end();
  });

  const view = ({ driver }) => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
  const says = (window, what, condition) => until(what, async () => condition(await view(window)));
  const ask = ({ driver }, intent) =>
    driver.runAsync('const done = arguments[1]; window.__TAURI__.core.invoke("ask", { intent: arguments[0] }).then(done)', intent);
  const named = async (window, name) => {
    await window.driver.write(/^Name of source 1$/, name);
    await window.driver.run('document.activeElement.blur()');
    await says(window, `the name ${name}`, ({ show }) => show.show.sources[0].name === name);
  };

  test('both have the show that one of them made', async () => {
    for (const [n, window] of windows.entries()) {
      await window.driver.click(/^Settings$/);
      await window.driver.write(/cloud's address/, cloud.plainOrigin);
      await window.driver.click(/^Save$/);
      await window.driver.write(/^E-mail$/, 'director@example.org');
      await window.driver.write(/^Password$/, 'a passphrase for the tests');
      await window.driver.click(/^Sign in$/);
      await says(window, 'signed in', ({ account }) => account.state === 'in');
      await window.driver.click(/^Sources$/);
      if (n === 0) {
        await window.driver.click(/^Test picture$/);
        await says(window, 'a show in the cloud', ({ shows, sources }) => sources[0]?.state === 'live' && shows[0]?.sync === 'synced');
      }
    }
    await ask(windows[1], { do: 'sync' });
    const { shows } = await until('the show at the other', async () => {
      const now = await view(windows[1]);
      return now.shows.length > 0 && now;
    });
    await ask(windows[1], { do: 'open_show', id: shows[0].id });
    await says(windows[1], 'it is open', ({ show, sources }) => show?.id === shows[0].id && sources[0]?.state === 'live');
  });

  test('both change it while the cloud is away, and neither loses its version', async () => {
    await cloud.program.end('SIGKILL');
    await named(windows[0], 'Stage left');
    await named(windows[1], 'Pulpit');
    await cloud.serve({ ports });
    await ask(windows[0], { do: 'sync' });
    await says(windows[0], 'the first is in step', ({ shows }) => shows[0].sync === 'synced');
    await ask(windows[1], { do: 'sync' });
    await says(windows[1], 'two versions', ({ shows }) => shows[0].sync === 'two_versions');
    assert.equal((await view(windows[1])).show.show.sources[0].name, 'Pulpit', 'what is open stays as it was');
  });

  test('the person sees both side by side and keeps both', async () => {
    const [, second] = windows;
    await second.driver.click(/^Close$/);
    await second.driver.click(/two versions$/);
    await second.driver.click(/^Compare…$/);
    await second.driver.find('section', /^Two versions of this show$/);
    const table = await second.driver.text('.conflict');
    assert.ok(table.includes('Stage left') && table.includes('Pulpit'), table);
    if (process.env.RETURNFEED_SHOTS) second.shot(`${process.env.RETURNFEED_SHOTS}/two-versions.png`);
    await second.driver.click(/^Keep both$/);
    await says(second, 'two shows in step', ({ shows, conflict }) =>
      conflict === null && shows.length === 2 && shows.every(({ sync }) => sync === 'synced'));
    await ask(windows[0], { do: 'sync' });
    await says(windows[0], 'both at the first window too', ({ shows }) => shows.length === 2);
  });
});
