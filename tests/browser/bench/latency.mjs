// `./dev bench latency`: source → encode → SRT → cloud → headless Chromium, with the time in the picture.
//
// Every frame carries the wall time of its making; the page reads it off the presented frame. Source, encode, SRT and
// cloud report their own stage from the capture stamps (all on this machine's one clock); jitter, decode and display come
// from Chromium; the network is what remains between leaving the cloud and Chromium's receipt.
//
// Refuses to call its own pauses latency: a pause of the measuring page above 100 ms is a stall and counted apart.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { openBrowser, openPage } from '../lib/chromium.mjs';
import { startFeed } from '../lib/feed.mjs';
import { startWatching } from '../lib/pages.mjs';
import { inboundVideo } from '../lib/peer.mjs';
import { until } from '../lib/program.mjs';
import { installReader } from '../lib/reader.mjs';

const WARM_UP_MS = 5_000;
const MEASURE_MS = 30_000;

/** The seed architecture's own figures, to stand beside ours. */
const SEED = { encode: '10-15', srt: '5-10', cloud: '0-5', webrtc: '10-20', total: '20-50' };

const quantile = (values, q) => {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
};
const round = (value) => (value === null ? null : Math.round(value * 10) / 10);
const spread = (values) => ({ p50: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), max: round(quantile(values, 1)) });

/** Sound against picture at each second's flash and tone: how much later the tone is heard than the flash is seen. */
function lipSync(frames, tones) {
  const offsets = [];
  for (const heard of tones) {
    const second = Math.round(heard / 1000 - 0.1) * 1000; // the tone begins at a whole second, heard a little later
    const near = frames.filter((frame) => Math.abs(frame.stampMs - second) < 100);
    if (near.length === 0) continue;
    const seen = quantile(near.map((frame) => frame.displayMs - frame.stampMs), 0.5);
    offsets.push(heard - second - seen);
  }
  return offsets;
}

const path = process.argv[2];
const feed = await startFeed({ sources: ['test'], directorArgs: ['--stamp', '--flash'] });
const browser = await openBrowser(['--autoplay-policy=no-user-gesture-required']);
try {
  const page = await openPage(browser, { bypassCSP: true });
  await page.goto(feed.viewerLink);
  await startWatching(page);
  await page.evaluate(`(${installReader})()`);
  await until('a picture with a time in it', () => page.evaluate(() => window.reader.now()));
  await page.evaluate(() => window.reader.listen());
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  await page.evaluate(() => {
    window.reader.watch();
    window.reader.state.tones.length = 0;
  });
  const before = await feed.cloud.metrics();
  const videoBefore = await inboundVideo(page);
  const since = performance.now();
  await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
  const seconds = (performance.now() - since) / 1000;
  const after = await feed.cloud.metrics();
  const videoAfter = await inboundVideo(page);
  const seen = await page.evaluate(() => {
    window.reader.state.stop = true;
    return window.reader.state;
  });

  const glass = seen.frames.map((frame) => frame.displayMs - frame.stampMs);
  const receive = seen.frames.filter((f) => f.receivedMs !== null).map((f) => f.receivedMs - f.stampMs);
  const video = (key) => videoAfter[key] - videoBefore[key];
  const stage = (name) => after.stageSince(before, name, 'high');
  const jitter = (1000 * video('jitterBufferDelay')) / Math.max(1, video('jitterBufferEmittedCount'));
  const decode = (1000 * video('totalDecodeTime')) / Math.max(1, video('framesDecoded'));
  const upToCloud = stage('source') + stage('encode') + stage('srt') + stage('cloud');
  const network = Math.max(0, quantile(receive, 0.5) - upToCloud);
  const display = Math.max(0, quantile(glass, 0.5) - quantile(receive, 0.5) - jitter - decode);
  const offsets = lipSync(seen.frames, seen.tones);
  const bitrate = (layer) => Math.round((8 * (after.wireBytes(layer) - before.wireBytes(layer))) / seconds);

  const result = {
    glass_to_glass_ms: spread(glass),
    stages_ms: Object.fromEntries(
      Object.entries({
        source: stage('source'), encode: stage('encode'), srt: stage('srt'), cloud: stage('cloud'), network, jitter, decode, display,
      }).map(([name, value]) => [name, round(value)]),
    ),
    av_offset_ms: { p50: round(quantile(offsets, 0.5)), p95: round(quantile(offsets.map(Math.abs), 0.95)) },
    bitrate_bps: { high: bitrate('high'), low: bitrate('low') },
    frames: seen.frames.length,
    freezes: video('freezeCount'),
    stalls: seen.stalls.length,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);

  const row = (name, value, seed = '') => console.log(`${name.padEnd(34)}${String(value).padStart(10)}   ${seed}`);
  const g = result.glass_to_glass_ms;
  console.log(`glass to glass over ${Math.round(seconds)} s, ${result.frames} frames (${seen.unread} without a readable time)\n`);
  row('', 'ms', 'the seed architecture says');
  row('p50', g.p50, SEED.total);
  row('p95', g.p95);
  row('max', g.max);
  for (const [name, value] of Object.entries(result.stages_ms)) {
    row(`  ${name} (p50)`, value, { encode: SEED.encode, srt: SEED.srt, cloud: SEED.cloud, jitter: `${SEED.webrtc} (network to display)` }[name]);
  }
  row('sound later than picture, p50', result.av_offset_ms.p50, '|offset| within 60');
  row('sound against picture, p95', result.av_offset_ms.p95);
  row('  (sound output after that)', round(seen.outputMs), 'this machine has no sound card: Chromium’s stand-in');
  console.log('');
  row('high layer, bit/s on the wire', result.bitrate_bps.high, 'at most 1200000');
  row('low layer, bit/s on the wire', result.bitrate_bps.low, 'at most 180000');
  row('freezes', result.freezes);
  row('stalls of this machine', result.stalls);
  console.log(`\n${path}`);

  const broken = [
    [g.p50 > 45, `p50 ${g.p50} ms is above 45`],
    [Math.abs(result.av_offset_ms.p50) > 60, `lip sync ${result.av_offset_ms.p50} ms is beyond 60`],
    [result.bitrate_bps.high > 1_200_000, `high layer is above 1.2 Mbps`],
    [result.bitrate_bps.low > 180_000, `low layer is above 180 kbps`],
    [result.frames < MEASURE_MS / 1000 * 20, `only ${result.frames} frames were read`],
  ].filter(([bad]) => bad).map(([, why]) => why);
  for (const why of broken) console.error(`over the bound: ${why}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await feed.end();
}
