// The process that draws the window's page, killed: the page is loaded again, and the program beside it goes on.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

/** Every process below this one that is called so. */
function below(pid, name) {
  const read = (path) => {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return ''; // it has ended
    }
  };
  let tasks = [];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  const children = tasks.flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  const here = children.filter((child) => read(`/proc/${child}/cmdline`).split('\0')[0].endsWith(name));
  return [...here, ...children.flatMap((child) => below(child, name))];
}

describe('a page that dies', () => {
  let window;

  before(async () => {
    window = await Window.open();
  });
  after(async () => {
    await window?.end();
  });

  test('is loaded again, and the engine never knew', async () => {
    const { driver } = window;
    const view = () => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
    await driver.find('section', /Ready in three steps/);
    await driver.click(/Add your cameras/);
    await driver.click(/^Test picture$/);
    await until('a live source', async () => (await view()).sources[0]?.state === 'live');
    const processes = window.processes();
    const [drawing] = below(processes.child, 'WebKitWebProcess');
    assert.ok(drawing, 'a process draws the page');
    process.kill(drawing, 'SIGKILL');
    await until('another draws it', () => below(processes.child, 'WebKitWebProcess').some((pid) => pid !== drawing));
    assert.deepEqual(window.processes(), processes, 'the program itself was not started again');
    // Its driver lost the page with it; what is on the screen tells whether it is there.
    await until('the pictures on the screen again', () => window.colours() > 500);
  });
});
