// WebDriver (W3C) by hand: WebKit's own driver starts the program and looks into its web view as a person would.
// What tauri-driver does besides is to translate one capability and to set two variables, which stand here.

import { DEADLINE_MS, Program, until } from '../../browser/lib/program.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Everything that has a name and can be pressed, written into, or read as a part of the window. */
const NAMED = `
  const name = (e) => (e.getAttribute('aria-label')
    ?? e.labels?.[0]?.textContent ?? e.getAttribute('placeholder') ?? e.textContent).replace(/\\s+/g, ' ').trim();
  const shown = (e) => e.getClientRects().length > 0;
  const [what, pattern] = arguments;
  return [...document.querySelectorAll(what)].find((e) => shown(e) && new RegExp(pattern).test(name(e))) ?? null;`;

export class Driver {
  static async start(binary, { env, port, args = [] }) {
    const driver = await Driver.listen(port, env);
    await driver.open(binary, args);
    return driver;
  }

  /** Looks into a web view that runs already and listens for drivers at `target`. */
  static async attach(target, { env, port }) {
    const driver = await Driver.listen(port, env, [`--target=${target}`]);
    await until('a web view that was started again', () => driver.open().then(() => true).catch(() => false));
    return driver;
  }

  static async listen(port, env, more = []) {
    const driver = new Driver();
    driver.program = new Program('webkit-driver', 'WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`, ...more], {
      env: { ...env, TAURI_AUTOMATION: 'true', TAURI_WEBVIEW_AUTOMATION: 'true' },
    });
    driver.base = `http://127.0.0.1:${port}`;
    await until('the driver answers', () => fetch(`${driver.base}/status`).then((a) => a.ok).catch(() => false));
    return driver;
  }

  async open(binary, args = []) {
    this.began = performance.now();
    const options = binary ? { 'webkitgtk:browserOptions': { binary, args } } : {};
    const wanted = { alwaysMatch: { browserName: 'wry', ...options } };
    const { sessionId } = await this.call('POST', '/session', { capabilities: wanted });
    this.session = `/session/${sessionId}`;
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, {
      method,
      // The driver waits for a web view that does not answer; nobody waits for the driver.
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error} ${value?.message}`);
    return value;
  }

  run(script, ...args) {
    return this.call('POST', `${this.session}/execute/sync`, { script, args });
  }

  runAsync(script, ...args) {
    return this.call('POST', `${this.session}/execute/async`, { script, args });
  }

  /** An element by what it is and what it is called. */
  async find(what, name) {
    return until(`${what} ${name}`, () => this.run(NAMED, what, name.source ?? name));
  }

  async click(name, what = 'button') {
    const { [ELEMENT]: id } = await this.find(what, name);
    await this.call('POST', `${this.session}/element/${id}/click`, {});
  }

  /** Writes into a field, in place of what stands there. */
  async write(name, text) {
    const { [ELEMENT]: id } = await this.find('input', name);
    await this.call('POST', `${this.session}/element/${id}/clear`, {});
    await this.call('POST', `${this.session}/element/${id}/value`, { text });
  }

  /** A key, as a keyboard sends it. */
  async press(key, ...modifiers) {
    const down = (value) => ({ type: 'keyDown', value });
    const up = (value) => ({ type: 'keyUp', value });
    const actions = [...modifiers.map(down), down(key), up(key), ...modifiers.map(up)];
    await this.call('POST', `${this.session}/actions`, { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  text(selector = 'body') {
    return this.run('return document.querySelector(arguments[0])?.innerText ?? ""', selector);
  }

  size(width, height) {
    return this.call('POST', `${this.session}/window/rect`, { x: 0, y: 0, width, height });
  }

  async quit() {
    if (this.session) await this.call('DELETE', this.session).catch(() => {});
    this.session = null;
  }

  async end() {
    await this.quit();
    await this.program.end();
  }
}
