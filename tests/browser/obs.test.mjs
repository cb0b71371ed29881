// The line for OBS, pasted into OBS itself: its picture in Chromium.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { openBrowser, openPage } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { DEADLINE_MS, Program, until } from './lib/program.mjs';

/** OBS renders in software here, beside a browser. */
const PATIENCE_MS = 4 * DEADLINE_MS;

/** A home in which OBS streams to this server as somebody has set it up: Settings, Stream, Custom. */
function homeOf(server) {
  const home = mkdtempSync(join(tmpdir(), 'returnfeed-obs-'));
  const folder = join(home, 'obs-studio');
  const profile = join(folder, 'basic/profiles/Test');
  for (const one of [profile, join(folder, 'basic/scenes'), join(home, 'run')]) mkdirSync(one, { recursive: true });
  writeFileSync(join(folder, 'global.ini'), [
    '[General]', 'FirstRun=true', 'EnableAutoUpdates=false', '',
    '[Basic]', 'SceneCollection=Show', 'SceneCollectionFile=Show', 'Profile=Test', 'ProfileDir=Test', '',
  ].join('\n'));
  writeFileSync(join(profile, 'basic.ini'), [
    '[General]', 'Name=Test', '',
    '[Video]', 'BaseCX=640', 'BaseCY=360', 'OutputCX=640', 'OutputCY=360', 'FPSType=0', 'FPSCommon=30', '',
    '[Output]', 'Mode=Simple', '',
    // Without reordered pictures, as the README says.
    '[SimpleOutput]', 'VBitrate=900', 'StreamEncoder=x264', 'UseAdvanced=true', 'Preset=ultrafast', 'x264Settings=bframes=0', '',
  ].join('\n'));
  writeFileSync(join(profile, 'service.json'), JSON.stringify({ type: 'rtmp_custom', settings: { server, key: '', use_auth: false } }));
  const red = { id: 'color_source', versioned_id: 'color_source_v3', name: 'Red', settings: { color: 0xff0000ff, width: 640, height: 360 } };
  const item = { name: 'Red', id: 1, visible: true, scale: { x: 1, y: 1 } };
  const scene = { id: 'scene', name: 'Scene', settings: { id_counter: 1, items: [item] } };
  writeFileSync(join(folder, 'basic/scenes/Show.json'), JSON.stringify({
    name: 'Show', current_scene: 'Scene', current_program_scene: 'Scene', scene_order: [{ name: 'Scene' }], sources: [red, scene],
  }));
  return home;
}

test('the line for OBS, as it is handed out, brings the picture of a real OBS to a viewer', async () => {
  const cloud = await Cloud.start();
  const session = await cloud.session();
  const { high } = await cloud.api('POST', `/api/sessions/${session.id}/credentials`, { token: session.token });
  const home = homeOf(high.obs.replace('localhost', '127.0.0.1'));
  const screen = new Program('xvfb', 'Xvfb', ['-displayfd', '1', '-screen', '0', '640x480x24', '-nolisten', 'tcp']);
  const display = `:${(await screen.waitFor(/^\d+$/)).trim()}`;
  const obs = new Program('obs', 'obs', ['--multi', '--minimize-to-tray', '--disable-updater', '--startstreaming'], {
    env: {
      HOME: home, XDG_CONFIG_HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), DISPLAY: display,
      LIBGL_ALWAYS_SOFTWARE: '1', QT_QPA_PLATFORM: 'xcb',
    },
  });
  const browser = await openBrowser();
  try {
    await until('the server hears OBS', async () => {
      assert.ok(obs.alive, obs.tail());
      return cloud.program.lines.some((line) => /a push began/.test(line));
    }, PATIENCE_MS);
    const page = await openPage(browser);
    await page.goto(session.viewerLink);
    await startWatching(page);
    const video = await playing(page);
    assert.deepEqual([video.frameWidth, video.frameHeight], [640, 360]);
  } finally {
    await browser.close();
    for (const program of [obs, screen]) program.child.kill('SIGKILL');
    await cloud.end();
    rmSync(home, { recursive: true, force: true });
  }
});
