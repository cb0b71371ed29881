// The real program on a screen of its own: Xvfb, a data folder, WebKit's driver.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { program } from '../../browser/lib/cloud.mjs';
import { Program, until } from '../../browser/lib/program.mjs';
import { Driver } from './driver.mjs';

export const BINARY = process.env.RETURNFEED_APP ?? program('returnfeed');

/** A port that was free a moment ago. */
const freePort = () =>
  new Promise((found, failed) => {
    const server = createServer().on('error', failed).listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

export class Window {
  static async open({ width = 1280, height = 720, home = mkdtempSync(join(tmpdir(), 'returnfeed-desktop-')) } = {}) {
    const window = new Window();
    window.home = home;
    // The display's number is written to what it is told; its own choice meets nobody else's.
    window.screen = new Program('xvfb', 'Xvfb', ['-displayfd', '1', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp']);
    const display = await until('a screen', () => window.screen.lines.find((line) => /^\d+$/.test(line)));
    for (const folder of ['data', 'config', 'cache', 'run']) mkdirSync(join(home, folder), { recursive: true, mode: 0o700 });
    window.env = {
      ...process.env,
      DISPLAY: `:${display}`,
      GDK_BACKEND: 'x11',
      LANG: 'en_US.UTF-8',
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_RUNTIME_DIR: join(home, 'run'),
      NO_AT_BRIDGE: '1',
    };
    // Without a window manager no window ever has the keyboard.
    window.manager = new Program('openbox', 'openbox', [], { env: window.env });
    window.driver = await Driver.start(BINARY, { env: window.env, port: await freePort() });
    await window.resize(width, height);
    return window;
  }

  /** What is on the screen, as a person sees it. */
  shot(path) {
    const { width, height } = this.size;
    const taken = spawnSync('import', ['-window', 'root', '-crop', `${width}x${height}+0+0`, '+repage', path], {
      env: this.env,
      encoding: 'utf8',
    });
    if (taken.status !== 0) throw new Error(`import: ${taken.stderr}`);
  }

  async resize(width, height) {
    this.size = { width, height };
    await this.driver.size(width, height);
  }

  async end() {
    await this.driver?.end();
    await this.manager?.end();
    await this.screen?.end();
    rmSync(this.home, { recursive: true, force: true });
  }
}
