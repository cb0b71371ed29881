// `./dev bench desktop`: what the director's window costs and how fast it is, in WebKit's hands on a screen of its own.
//
// Start: from the driver's request until the first page can be read, the driver's own part included. Cut: from the key in
// the page until the programme's canvas shows the other picture, told by its colour. CPU: the program and its web view's
// processes, per cent of one core; the driver, the cloud and the screen are not counted.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { Cloud } from '../browser/lib/cloud.mjs';
import { until } from '../browser/lib/program.mjs';
import { Window } from './lib/window.mjs';

const MEASURE_MS = 6_000;
const CUTS = 60;
/** Clock ticks a second (`getconf CLK_TCK`): 100 on every Linux that Debian builds. */
const TICKS = 100;
/** Between two cuts: not in step with the frames. */
const BETWEEN_MS = 217;
const ENTER = '\uE007';

const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const round = (value) => Math.round(value * 10) / 10;
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];

/** Every process by its id: its parent, its name, its ticks so far. */
function processes() {
  const found = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      found.set(Number(pid), { parent: Number(fields[1]), name: stat.slice(stat.indexOf('(') + 1, end), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** Ticks of the program and all that it started. */
function ticksOf(root) {
  const all = processes();
  const below = (pid) => {
    for (let at = all.get(pid); at !== undefined; at = all.get(at.parent)) if (at.parent === root) return true;
    return false;
  };
  return [...all].filter(([pid]) => below(pid)).reduce((sum, [, { ticks }]) => sum + ticks, 0);
}

async function cpuPercent(root, meanwhile = pause(MEASURE_MS)) {
  const [ticks, begun] = [ticksOf(root), performance.now()];
  await meanwhile;
  return round(((ticksOf(root) - ticks) / TICKS / ((performance.now() - begun) / 1000)) * 100);
}

/** Counts what is drawn of the programme, and times a cut by the colour in its corner. */
const WATCH = `
  const canvas = document.querySelector('[data-of="programme"] canvas');
  const bench = (window.__bench = { drawn: 0, pressed: null, colour: null, cuts: [] });
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...what) {
    draw.apply(this, what);
    if (this.canvas !== canvas) return;
    bench.drawn += 1;
    if (bench.pressed === null) return;
    const [r, g, b] = this.getImageData(8, 8, 1, 1).data;
    const colour = [r, g, b];
    bench.colour ??= colour;
    if (colour.some((value, at) => Math.abs(value - bench.colour[at]) > 40)) {
      bench.cuts.push(performance.now() - bench.pressed);
      bench.pressed = null;
    }
  };
  addEventListener('keydown', (event) => {
    if (event.code !== 'Space') return;
    bench.colour = null;
    const { data } = canvas.getContext('2d').getImageData(8, 8, 1, 1);
    bench.colour = [data[0], data[1], data[2]];
    bench.pressed = performance.now();
  }, true);`;

const out = process.argv[2];
const cloud = await Cloud.start();
const window = await Window.open();
const { driver } = window;
const root = driver.program.pid;
await driver.find('section', /Ready in three steps/);
const start = performance.now() - driver.began;

const view = () => driver.runAsync('const done = arguments[0]; window.__TAURI__.core.invoke("view").then(done)');
const says = (what, condition) => until(what, async () => condition(await view()));
async function withSources(count) {
  await driver.click(/^Sources$/);
  for (let has = (await view()).show?.show.sources.length ?? 0; has < count; has += 1) {
    await driver.click(/^Test picture$/);
    await says(`${has + 1} sources`, ({ show }) => show?.show.sources.length === has + 1);
  }
  await driver.click(/^Close$/);
  await says('all live', ({ sources }) => sources.length === count && sources.every(({ state }) => state === 'live'));
  await pause(2_000);
}
async function signIn() {
  await driver.click(/^Settings$/);
  await driver.write(/cloud's address/, cloud.plainOrigin);
  await driver.click(/^Save$/);
  await driver.write(/^E-mail$/, 'director@example.org');
  await driver.write(/^Password$/, 'a passphrase for the tests');
  await driver.click(/^Sign in$/);
  await says('signed in', ({ account }) => account.state === 'in');
  await driver.click(/^Close$/);
}
async function goLive() {
  await driver.click(/^Go live$/);
  await says('on air', ({ air }) => air.state === 'on');
  await pause(3_000);
}
async function stop() {
  await driver.click(/^Stop$/);
  const pressed = performance.now();
  await until('past a slip', async () => performance.now() - pressed > 300);
  await driver.click(/^Press again/);
  await says('off air', ({ air }) => air.state === 'off');
}
async function mixing() {
  const end = performance.now() + MEASURE_MS;
  while (performance.now() < end) {
    await driver.press(ENTER);
    await pause(1_050);
  }
}

try {
  const cpu = {};
  await withSources(1);
  cpu.idle_1 = await cpuPercent(root);
  await withSources(4);
  cpu.idle_4 = await cpuPercent(root);
  await driver.press('2');
  await says('2 on preview', ({ preview }) => preview === 2);
  await driver.run(WATCH);
  const drawn = () => driver.run('return window.__bench.drawn');
  const [before, since] = [await drawn(), performance.now()];
  await pause(MEASURE_MS);
  const fps = ((await drawn()) - before) / ((performance.now() - since) / 1000);
  for (let n = 0; n < CUTS; n += 1) {
    await driver.press(' ');
    await until('the cut', () => driver.run('return window.__bench.cuts.length > arguments[0]', n));
    await pause(BETWEEN_MS);
  }
  const cuts = await driver.run('return window.__bench.cuts');
  await signIn();
  await goLive();
  cpu.live_4 = await cpuPercent(root);
  cpu.mixing_4 = await cpuPercent(root, mixing());
  await stop();
  await withSources(8);
  await goLive();
  cpu.live_8 = await cpuPercent(root);
  const cut = { p50: round(quantile(cuts, 0.5)), p95: round(quantile(cuts, 0.95)) };
  const result = { start_ms: Math.round(start), multiview_fps: round(fps), cut_ms: cut, cpu_percent: cpu };
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
  console.log(`a mix costs ${round(cpu.mixing_4 - cpu.live_4)} % of a core above live (to reach: 15)`);
} finally {
  await window.end();
  await cloud.end();
}
