// The window as its package installs it, in a root that has nothing else: it opens, makes pictures, goes live, and sees
// what comes back. tests/tools/clean-root-window.sh makes the root.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Cloud } from '../browser/lib/cloud.mjs';
import { Program, until } from '../browser/lib/program.mjs';
import { Driver } from './lib/driver.mjs';

const ROOT = process.env.RETURNFEED_ROOT;
const CLEAN = ['-i', 'PATH=/usr/bin:/bin', 'HOME=/root', 'LANG=C.UTF-8', 'XDG_RUNTIME_DIR=/run/director', 'NO_AT_BRIDGE=1'];

describe('the package', () => {
  let cloud;
  let screen;
  let driver;
  let bin;

  before(async () => {
    mkdirSync(join(ROOT, 'run/director'), { mode: 0o700 });
    screen = new Program('xvfb', 'chroot', [ROOT, 'env', ...CLEAN, 'Xvfb', '-displayfd', '1', '-screen', '0', '1280x720x24', '-nolisten', 'tcp']);
    const display = await until('a screen', () => screen.lines.find((line) => /^\d+$/.test(line)));
    bin = mkdtempSync(join(tmpdir(), 'returnfeed-packaged-'));
    const automation = ['TAURI_AUTOMATION=true', 'TAURI_WEBVIEW_AUTOMATION=true', `DISPLAY=:${display}`];
    const inside = ['chroot', ROOT, 'env', ...CLEAN, ...automation, 'dbus-run-session', '--', 'WebKitWebDriver'].join(' ');
    writeFileSync(join(bin, 'WebKitWebDriver'), `#!/bin/sh\nexec ${inside} "$@"\n`);
    chmodSync(join(bin, 'WebKitWebDriver'), 0o755);
    cloud = await Cloud.start();
    driver = await Driver.start('/usr/bin/returnfeed', { env: { PATH: `${bin}:${process.env.PATH}` }, port: 4444 });
  });
  after(async () => {
    await driver?.end();
    await screen?.end();
    await cloud?.end();
    if (bin) rmSync(bin, { recursive: true });
  });

  const view = () => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
  const ask = (intent) =>
    driver.runAsync('const done = arguments[1]; window.__TAURI__.core.invoke("ask", { intent: arguments[0] }).then(done)', intent);
  const says = (what, condition) => until(what, async () => condition(await view()), 60_000);

  test('opens a window that makes pictures', async () => {
    await driver.find('section', /Ready in three steps/);
    await driver.click(/Add your cameras/);
    await driver.click(/^Test picture$/);
    await says('a live source, by an encoder that proved itself', ({ sources, encoder }) =>
      encoder !== null && sources[0]?.state === 'live');
    await driver.click(/^Close$/);
    await until('pictures on the screen', () => driver.run(`return [...document.querySelectorAll('.pane canvas')].some((canvas) =>
      new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 20)`));
  });

  test('says where a login is kept where there is no keyring', async () => {
    await ask({ do: 'set_cloud', address: cloud.plainOrigin, fingerprint: '' });
    await says('the address', (now) => now.cloud.address === cloud.plainOrigin);
    await ask({ do: 'sign_in', email: 'director@example.org', password: 'a passphrase for the tests' });
    await says('signed in, the login in a file', ({ account }) => account.state === 'in' && account.kept === 'file');
  });

  test('goes live and sees what comes back', async () => {
    await driver.click(/^Go live$/);
    await says('on air', ({ air }) => air.state === 'on' && air.door === 'everybody');
    await says('what comes back, with its delay', ({ monitor }) => monitor.state === 'seen' && monitor.delay_ms !== null);
    await ask({ do: 'stop' });
    await says('off air', ({ air }) => air.state === 'off');
  });
});
