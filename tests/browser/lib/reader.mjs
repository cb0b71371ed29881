// Runs inside the page: reads the time that `framestamp` wrote into each presented frame, and the tone that
// `framestamptone` mixed into the sound. The layout is that of gst-plugins/clock.

/** Installs `window.reader` beside the page's own <video>. Serialised into the page: it may use nothing from outside. */
export function installReader() {
  const crc8 = (bytes) => {
    let crc = 0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff;
    }
    return crc;
  };
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });

  /** Two rows of 32 cells: 8 bits 1010_0110, 48 bits of µs, 8 bits CRC. Null where they do not agree. */
  const readStamp = (video) => {
    const width = video.videoWidth;
    const height = video.videoHeight;
    if (!width) return null;
    const rows = Math.round((112 / 360) * height);
    if (canvas.width !== width || canvas.height !== rows) {
      canvas.width = width;
      canvas.height = rows;
    }
    context.drawImage(video, 0, 0, width, rows, 0, 0, width, rows);
    const { data } = context.getImageData(0, 0, width, rows);
    const luma = (x, y) => data[(Math.floor(y) * width + Math.floor(x)) * 4 + 1];
    const bytes = [];
    for (let row = 0; row < 2; row += 1) {
      const y = ((row + 0.5) * 16 * height) / 360;
      for (let byte = 0; byte < 4; byte += 1) {
        let value = 0;
        for (let bit = 0; bit < 8; bit += 1) {
          const x = ((byte * 8 + bit + 0.5) * 20 * width) / 640;
          value = (value << 1) | (luma(x, y) > 127 ? 1 : 0);
        }
        bytes.push(value);
      }
    }
    if (bytes[0] !== 0b1010_0110 || crc8(bytes.slice(1, 7)) !== bytes[7]) return null;
    const micros = bytes.slice(1, 7).reduce((sum, byte) => sum * 256 + byte, 0);
    return { micros, flash: luma((40 * width) / 640, (72 * height) / 360) > 127 };
  };

  /** T is the unix time modulo 2^48 µs; unfolded against the page's own clock. */
  const unfold = (micros, nowMs) => {
    const wrap = 2 ** 48;
    const now = nowMs * 1000;
    return (micros + Math.round((now - micros) / wrap) * wrap) / 1000;
  };

  const state = { frames: [], unread: 0, tones: [], stalls: [], outputMs: 0, lastTick: performance.now(), stop: false };
  const wall = (perfMs) => performance.timeOrigin + perfMs;

  const onFrame = (video) => (now, meta) => {
    if (state.stop) return;
    const stamp = readStamp(video);
    if (stamp) {
      const stampMs = unfold(stamp.micros, wall(now));
      state.frames.push({
        stampMs,
        callbackMs: wall(now),
        displayMs: wall(meta.expectedDisplayTime),
        presentedMs: wall(meta.presentationTime),
        receivedMs: meta.receiveTime === undefined ? null : wall(meta.receiveTime),
        capturedMs: meta.captureTime === undefined ? null : wall(meta.captureTime),
        decodeMs: meta.processingDuration === undefined ? null : meta.processingDuration * 1000,
        width: meta.width,
        presentedFrames: meta.presentedFrames,
        flash: stamp.flash,
      });
    } else {
      state.unread += 1;
    }
    video.requestVideoFrameCallback(onFrame(video));
  };

  const tick = () => {
    const now = performance.now();
    if (now - state.lastTick > 100) state.stalls.push(now - state.lastTick);
    state.lastTick = now;
    if (!state.stop) setTimeout(tick, 10);
  };

  window.reader = {
    state,
    /** Starts on the page's video. */
    watch() {
      const video = document.querySelector('video');
      video.requestVideoFrameCallback(onFrame(video));
      tick();
    },
    /** The stamp of the newest picture, or null. */
    now() {
      return readStamp(document.querySelector('video'));
    },
    /** Listens to the stream's sound for the onset of the 1 kHz tone. Needs a running AudioContext. */
    async listen() {
      const stream = document.querySelector('video').srcObject;
      const audio = new AudioContext({ latencyHint: 'interactive' });
      await audio.resume();
      const code = `
        class Onset extends AudioWorkletProcessor {
          constructor() { super(); this.loud = 0; this.quiet = 1e9; this.phase = 0; }
          process(inputs) {
            const channel = inputs[0][0];
            if (!channel) return true;
            for (let i = 0; i < channel.length; i += 1) {
              const hit = Math.abs(channel[i]) > 0.12;
              if (hit) {
                if (this.quiet > sampleRate * 0.3) this.port.postMessage((currentFrame + i) / sampleRate);
                this.quiet = 0;
              } else this.quiet += 1;
            }
            return true;
          }
        }
        registerProcessor('onset', Onset);`;
      const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
      await audio.audioWorklet.addModule(url);
      const node = new AudioWorkletNode(audio, 'onset');
      node.port.onmessage = ({ data }) => {
        const at = audio.getOutputTimestamp();
        // When it is handed to the sound output, as a frame's time is when it is handed to the display: the
        // output's own latency is the device's (here Chromium's stand-in for one) and is told apart.
        state.outputMs = (audio.baseLatency + audio.outputLatency) * 1000;
        state.tones.push(wall(at.performanceTime + (data - at.contextTime) * 1000 - state.outputMs));
      };
      audio.createMediaStreamSource(stream).connect(node);
      const silent = new GainNode(audio, { gain: 0 });
      node.connect(silent).connect(audio.destination);
    },
  };
}

/** Loudness of the stream's sound at its strongest frequency, 0 to 255 (an AnalyserNode's scale), and that frequency. */
export async function loudestTone() {
  const stream = document.querySelector('video').srcObject;
  const audio = new AudioContext();
  await audio.resume();
  const analyser = new AnalyserNode(audio, { fftSize: 4096 });
  audio.createMediaStreamSource(stream).connect(analyser);
  const bins = new Uint8Array(analyser.frequencyBinCount);
  let best = { level: 0, hz: 0 };
  for (let round = 0; round < 40 && best.level < 100; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    analyser.getByteFrequencyData(bins);
    bins.forEach((level, bin) => {
      if (level > best.level) best = { level, hz: (bin * audio.sampleRate) / analyser.fftSize };
    });
  }
  await audio.close();
  return best;
}
