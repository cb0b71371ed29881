// Encoders that are not ours push to the cloud: ffmpeg and GStreamer, MPEG-TS over SRT with AES-256.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { openBrowser, openPage } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { Program, until } from './lib/program.mjs';
import { loudestTone } from './lib/reader.mjs';

const X264 = [
  '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryfast', '-tune', 'zerolatency', '-bf', '0', '-g', '60',
  '-b:v', '900k', '-maxrate', '900k', '-bufsize', '300k', '-pix_fmt', 'yuv420p',
];

describe('foreign encoders', () => {
  let cloud;
  let browser;
  let encoder;
  before(async () => {
    cloud = await Cloud.start();
    browser = await openBrowser();
  });
  afterEach(async () => {
    await encoder?.end('SIGKILL');
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  async function pushed(run) {
    const session = await cloud.session();
    const grant = await cloud.api('POST', `/api/sessions/${session.id}/publish`, { token: session.token });
    encoder = run(`srt://127.0.0.1:${grant.srt.port}`, grant.srt, session);
    return session;
  }

  const ffmpeg = (address, { passphrase, stream_id_high }, extra = []) => {
    const url = `${address}?mode=caller&latency=20000&pbkeylen=32&passphrase=${passphrase}&streamid=${stream_id_high}`;
    return new Program('ffmpeg', 'ffmpeg', [
      '-hide_banner', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30',
      '-re', '-f', 'lavfi', '-i', 'sine=frequency=880:sample_rate=48000', ...X264, '-c:a', 'libopus', '-b:a', '48k',
      ...extra, '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', url,
    ]);
  };

  async function watch(session) {
    const page = await openPage(browser);
    await page.goto(session.viewerLink);
    await startWatching(page);
    return page;
  }

  test('ffmpeg pushes with AES-256 and Chromium plays picture and sound', async () => {
    const session = await pushed((address, srt) => ffmpeg(address, srt, ['-pes_payload_size', '0']));
    const page = await watch(session);
    const video = await playing(page);
    assert.deepEqual([video.frameWidth, video.frameHeight], [640, 360]);
    const tone = await page.evaluate(`(${loudestTone})()`);
    assert.ok(Math.abs(tone.hz - 880) < 30, `the tone of 880 Hz, not ${JSON.stringify(tone)}`);
    await page.context().close();
  });

  test('ffmpeg with its own defaults for audio packing plays too', async () => {
    const session = await pushed((address, srt) => ffmpeg(address, srt));
    const page = await watch(session);
    await playing(page);
    const tone = await page.evaluate(`(${loudestTone})()`);
    assert.ok(Math.abs(tone.hz - 880) < 30, `the tone of 880 Hz, not ${JSON.stringify(tone)}`);
    await page.context().close();
  });

  test('GStreamer’s srtsink pushes with AES-256 and Chromium plays it', async () => {
    const session = await pushed(
      (address, { passphrase, stream_id_high }) =>
        new Program('gst-launch', 'gst-launch-1.0', [
          'mpegtsmux', 'name=mux', 'alignment=7', '!', 'srtsink', `uri=${address}`, 'mode=caller', 'latency=20',
          `passphrase=${passphrase}`, 'pbkeylen=32', `streamid=${stream_id_high}`, 'sync=false',
          'videotestsrc', 'is-live=true', '!', 'video/x-raw,width=640,height=360,framerate=30/1', '!', 'x264enc',
          'tune=zerolatency', 'bitrate=900', 'key-int-max=60', '!', 'video/x-h264,profile=constrained-baseline', '!',
          'h264parse', 'config-interval=-1', '!', 'mux.',
          'audiotestsrc', 'is-live=true', 'freq=660', '!', 'audioconvert', '!', 'opusenc', '!', 'mux.',
        ]),
    );
    const page = await watch(session);
    await playing(page);
    const tone = await page.evaluate(`(${loudestTone})()`);
    assert.ok(Math.abs(tone.hz - 660) < 30, `the tone of 660 Hz, not ${JSON.stringify(tone)}`);
    await page.context().close();
  });

  test('a viewer who joins in the middle of a group of pictures sees one within it', async () => {
    const session = await pushed((address, srt) => ffmpeg(address, srt, ['-g', '3000', '-keyint_min', '3000']));
    const first = await watch(session);
    await playing(first);
    const second = await watch(session); // no keyframe will come for 100 s: the cache must do
    await playing(second);
    await first.context().close();
    await second.context().close();
  });

  test('a wrong passphrase, AES-128 and an unknown session are refused, and the running push goes on', async () => {
    const session = await pushed((address, srt) => ffmpeg(address, srt));
    const page = await watch(session);
    await playing(page);
    const running = encoder;
    const stranger = await cloud.session();
    const asked = await cloud.request('POST', `/api/sessions/${session.id}/publish`, { token: stranger.token });
    assert.equal(asked.status, 404, 'a director of one session gets no key of another');
    assert.equal((await asked.json()).code, 'session_not_found', 'nor hears that there is one');
    const other = await cloud.session();
    const { srt } = await cloud.api('POST', `/api/sessions/${other.id}/publish`, { token: other.token });
    const address = `srt://127.0.0.1:${srt.port}`;
    const refused = [
      ffmpeg(address, { ...srt, passphrase: 'not the passphrase' }),
      ffmpeg(address, { ...srt, stream_id_high: srt.stream_id_high.replace(other.id, '019f0000-0000-7000-8000-000000000000') }),
      ffmpeg(address, { ...srt, stream_id_high: 'live/stream' }),
      new Program('ffmpeg-aes128', 'ffmpeg', [
        '-hide_banner', '-loglevel', 'warning', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', ...X264, '-f', 'mpegts',
        `${address}?mode=caller&pbkeylen=16&passphrase=${srt.passphrase}&streamid=${srt.stream_id_high}`,
      ]),
    ];
    for (const attempt of refused) {
      const { code } = await attempt.exited;
      assert.notEqual(code, 0, `${attempt.name} was let in:\n${attempt.tail()}`);
    }
    assert.ok(running.alive, 'the push that was on air goes on');
    const decoded = (await playing(page)).framesDecoded;
    await until('more pictures', async () => (await playing(page)).framesDecoded > decoded + 30);
    await page.context().close();
  });
});
