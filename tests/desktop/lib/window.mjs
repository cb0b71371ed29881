// The real program on a screen of its own: Xvfb, a data folder, a keyring that is open, WebKit's driver.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_RUNTIME_DIR: join(home, 'run'),
      NO_AT_BRIDGE: '1',
      PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    };
    window.browser();
    window.keyring = new Program('keyring', 'gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env: window.env,
    });
    window.keyring.child.stdin.end('a passphrase for the tests');
    // Without a window manager no window ever has the keyboard.
    window.manager = new Program('openbox', 'openbox', [], { env: window.env });
    await window.start();
    await window.resize(width, height);
    return window;
  }

  async start() {
    this.driver = await Driver.start(BINARY, { env: this.env, port: await freePort() });
  }

  /** Ends the program as a person does, and leaves its screen and its files. */
  async close() {
    await this.driver.end();
    this.driver = null;
  }

  /** A browser that writes down what it is to open: a test opens it in a real one. */
  browser() {
    mkdirSync(join(this.home, 'bin'));
    const asked = join(this.home, 'browser');
    writeFileSync(join(this.home, 'bin', 'xdg-open'), `#!/bin/sh\nprintf '%s' "$1" >${asked}\n`, { mode: 0o755 });
    // This machine has no logind: what is asked of it is written down, and lasts as long as it is asked.
    const held = join(this.home, 'held');
    writeFileSync(
      join(this.home, 'bin', 'systemd-inhibit'),
      `#!/bin/sh\nprintf '%s\\n' "$@" >${held}\n"$(eval echo \\$$#)"\nrm ${held}\n`,
      { mode: 0o755 },
    );
    this.awake = () => {
      try {
        return readFileSync(held, 'utf8');
      } catch {
        return null; // nothing is held
      }
    };
    this.asked = () => {
      try {
        return readFileSync(asked, 'utf8');
      } catch {
        return null; // nothing yet
      }
    };
  }

  /** The program and the window that it started, by their process ids. */
  processes() {
    const of = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    const name = (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const parent = of(this.driver.program.pid).find((pid) => name(pid) === 'returnfeed');
    return { parent, child: of(parent).find((pid) => name(pid) === 'returnfeed') };
  }

  /** The driver of the window that its parent started anew. */
  async follow({ parent }) {
    const environment = readFileSync(`/proc/${parent}/environ`, 'utf8').split('\0');
    const target = environment.find((line) => line.startsWith('WEBKIT_INSPECTOR_SERVER=')).split('=')[1];
    const before = this.driver;
    this.driver = await Driver.attach(target, { env: this.env, port: await freePort() });
    this.before = before;
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

  /** How many colours are on the screen. */
  colours() {
    const { width, height } = this.size;
    const looked = spawnSync(
      'import',
      ['-window', 'root', '-crop', `${width}x${height}+0+0`, '-format', '%k', 'info:'],
      { env: this.env, encoding: 'utf8' },
    );
    if (looked.status !== 0) throw new Error(`import: ${looked.stderr}`);
    return Number(looked.stdout);
  }

  async resize(width, height) {
    this.size = { width, height };
    await this.driver.size(width, height);
  }

  async end() {
    await this.driver?.end();
    await this.before?.program.end();
    await this.keyring?.end();
    await this.manager?.end();
    await this.screen?.end();
    rmSync(this.home, { recursive: true, force: true });
  }
}
