// Tally from a switcher and to others, by the window's forms: a headless director of ours stands for the vMix, and what the
// window tells is read by another.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { program } from '../browser/lib/cloud.mjs';
import { Program, until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

describe('tally from and to others', () => {
  let window;
  let driver;
  let vmix;
  let port;
  let sender;

  before(async () => {
    if (process.env.NDI_RUNTIME_DIR_V6)
      sender = new Program('ndi-sender', program('ndi-test-sender'), ['--name', 'programme']);
    window = await Window.open();
    driver = window.driver;
    port = await freePort();
    const test = (name, camera) => ({ name, camera, input: { kind: 'test' } });
    const show = join(window.home, 'other.json');
    writeFileSync(show, JSON.stringify({ returnfeed_show: 1, name: 'Other', sources: [test('Wide', 1), test('Crane', 2)] }));
    mkdirSync(join(window.home, 'none'));
    vmix = new Program('vmix', program('returnfeed-director'), [
      '--show', show, '--secrets', join(window.home, 'none'), '--no-log', '--json', '--out', `vmix:127.0.0.1:${port}`,
    ]);
    await vmix.waitFor(/"event":"buses","programme":1/);
  });
  after(async () => {
    await vmix?.end();
    await window?.end();
    await sender?.end();
  });

  const view = () => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
  const says = (what, condition) => until(what, async () => condition(await view()));
  const leave = () => driver.run('document.activeElement.blur()');

  test('a switcher is added by its address, and its inputs are seen as it sends them', async () => {
    await driver.click(/^Sources$/);
    await driver.click(/^Test picture$/);
    await says('a source', ({ sources }) => sources[0]?.state === 'live');
    await driver.click(/^Tally$/);
    await driver.write(/^Address of the switcher$/, '127.0.0.1');
    await driver.write(/^Port of the switcher$/, String(port));
    await driver.click(/^Add switcher$/);
    await says('it is heard', ({ switchers }) => switchers[0]?.works);
    await says('two inputs, the first on air', ({ heard }) => heard[0]?.inputs.length === 2 && heard[0].on_air.length === 1);
  });

  test('an input that is given a camera lights its lamp by the switcher\'s cut', async () => {
    const crane = (await view()).heard[0].inputs[1].input;
    await driver.write(new RegExp(`^Camera of input ${crane}$`), '7');
    await leave();
    const lamp = (tally) => says(`camera 7 ${tally}`, ({ lamps }) => lamps.some((one) => one.camera === 7 && one.tally === tally));
    await lamp('preview');
    vmix.child.stdin.write('2\n');
    await lamp('program');
    vmix.child.stdin.write('1\n');
    await lamp('preview');
  });

  test('nobody is told our lamps until an output is added, and then on the chosen interface', async () => {
    assert.deepEqual((await view()).told, []);
    const out = await freePort();
    await driver.write(/^Port of the output$/, String(out));
    await driver.click(/^Add output$/);
    await says('it works', ({ outputs }) => outputs.some(({ name, works }) => name === `vmix:127.0.0.1:${out}` && works));
    const said = await new Promise((done, failed) => {
      const socket = connect(out, '127.0.0.1', () => socket.write('TALLY\r\n')).on('error', failed);
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes;
        const tally = /TALLY OK (\d+)/.exec(text);
        if (tally) socket.end(() => done(tally[1]));
      });
    });
    assert.match(said, /^[012]+$/);
    await driver.click(new RegExp(`^Remove output vmix:127.0.0.1:${out}$`));
    await says('nobody is told', ({ told, outputs }) => told.length === 0 && !outputs.some(({ name }) => name.startsWith('vmix')));
  });

  test('beside that switcher its programme is a source, cuts are its own, and the window says so', async () => {
    if (sender) {
      await driver.click(/^Sources$/);
      await driver.click(/^Add CI \(programme\)$/);
      await says('its programme', ({ sources }) => sources.some(({ number, state }) => number === 2 && state === 'live'));
      await driver.click(/^Tally$/);
    }
    const choose = (source) => driver.run(`const list = [...document.querySelectorAll('label')]
      .find((one) => one.textContent.startsWith('The programme is made')).querySelector('select');
      const set = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set;
      set.call(list, String(arguments[0])); list.dispatchEvent(new Event('change', { bubbles: true }))`, source);
    const source = sender ? 2 : 1;
    await choose(source);
    await says('the mode', ({ mode }) => mode.mode === 'beside' && mode.source === source && mode.switchers.includes('vMix'));
    await driver.find('p', /vMix/);
    await says('its picture on programme', ({ programme }) => programme === source);
    const lamp = (tally) => says(`camera 7 ${tally}`, ({ lamps }) => lamps.some((one) => one.camera === 7 && one.tally === tally));
    vmix.child.stdin.write('2\n');
    await lamp('program');
    vmix.child.stdin.write('1\n');
    await lamp('preview');
    await driver.runAsync('const done = arguments[1]; window.__TAURI__.core.invoke("ask", { intent: arguments[0] }).then(done)',
      { do: 'hot_cut', source: 1 });
    await says('that cuts are made there', ({ refused }) => refused?.says.code === 'cut_elsewhere');
    await choose(0);
    await says('its own switcher again', ({ mode }) => mode.mode === 'built_in');
  });

  test('a switcher that is removed takes its feeds along', async () => {
    await driver.click(/^Remove vMix$/);
    await says('none', ({ show, heard }) => show.show.switchers.length === 0 && heard.length === 0
      && show.show.cameras.every(({ feeds }) => feeds.length === 0));
  });
});
