// ffmpeg as a publisher of both layers, for tests in which the director has no part.

import { Program, until } from './program.mjs';

const LAYERS = { high: ['640x360', '900k'], low: ['320x180', '100k'] };

/** Pushes into a session until it is ended; waits for the layers to arrive. */
export async function push(cloud, session, layers = ['high', 'low']) {
  const { srt } = await cloud.api('POST', `/api/sessions/${session.id}/publish`, { token: session.token });
  const programs = layers.map((layer) => {
    const [size, rate] = LAYERS[layer];
    const url =
      `srt://127.0.0.1:${srt.port}?mode=caller&latency=20000&pbkeylen=32&passphrase=${srt.passphrase}` +
      `&streamid=${srt[`stream_id_${layer}`]}`;
    return new Program(`ffmpeg-${layer}`, 'ffmpeg', [
      '-hide_banner', '-loglevel', 'warning', '-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`,
      '-re', '-f', 'lavfi', '-i', 'sine=frequency=880:sample_rate=48000',
      '-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-g', '30',
      '-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-pix_fmt', 'yuv420p', '-c:a', 'libopus', '-b:a', '48k',
      '-pes_payload_size', '0', '-flush_packets', '1', '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', url,
    ]);
  });
  await until('the layers arrive', async () => {
    for (const program of programs) if (!program.alive) throw new Error(program.tail());
    const metrics = await cloud.metrics();
    return layers.every((layer) => metrics.sum('ingest_bytes_total', { layer }) > 0);
  });
  return { end: () => Promise.all(programs.map((program) => program.end('SIGKILL'))) };
}
