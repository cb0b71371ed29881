// A bad network in user space, for tests: UDP with a rate, a queue, loss in bursts, delay and jitter, or nothing at all;
// and TCP with the same delay, or nothing at all. Each client gets a socket of its own towards the target, so the target
// tells them apart as it would tell apart addresses.
//
// Refuses chance: what is lost and how late it is comes from the seed. Invariant: `close` leaves no socket and no timer.

import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';

/** A path without faults. `loss` is a fraction; `burst` the mean number of packets lost in a row. */
const CLEAN = { rate_bps: Infinity, loss: 0, burst: 1, delay_ms: 0, jitter_ms: 0, blocked: false };
/** What a router keeps: a second, then it drops what comes. */
const QUEUE_MS = 1_000;

/** Mulberry32: 32 bits of state are enough to lose packets by. */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One direction: when a packet of this size comes out of the path; null: never. */
class Path {
  #random;
  #lossy = false;
  #free = 0;
  #last = 0;

  constructor(random) {
    this.#random = random;
  }

  leaves(bytes, { rate_bps, loss, burst, delay_ms, jitter_ms, blocked }, now) {
    if (blocked) return null;
    // Gilbert's model: bursts of this mean length that make up this share of all packets.
    const enter = loss >= 1 ? 1 : loss / (burst * (1 - loss));
    this.#lossy = this.#lossy ? this.#random() >= 1 / burst : this.#random() < enter;
    if (this.#lossy) return null;
    const start = Math.max(now, this.#free);
    if (start - now > QUEUE_MS) return null;
    this.#free = start + (rate_bps === Infinity ? 0 : (8_000 * bytes) / rate_bps);
    // In order: a path that is late is late for all; what overtakes is another path.
    this.#last = Math.max(this.#last, this.#free + delay_ms + jitter_ms * this.#random());
    return this.#last;
  }
}

/** A packet that leaves this much later than the path says was held by the machine. */
const HELD_MS = 5;

class Timers {
  #pending = new Set();
  #ran = 0;
  #held = 0;

  at(due, run) {
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      this.#ran += 1;
      if (performance.now() - due > HELD_MS) this.#held += 1;
      run();
    }, Math.max(0, due - performance.now()));
    this.#pending.add(timer);
  }

  /** The share that ran too late since this was asked last. */
  held() {
    const share = this.#ran === 0 ? 0 : this.#held / this.#ran;
    this.#ran = 0;
    this.#held = 0;
    return share;
  }

  clear() {
    for (const timer of this.#pending) clearTimeout(timer);
  }
}

/** A UDP relay in front of `target`. `delay_ms` is one way. */
export async function startRelay({ target, seed = 1 }) {
  let faults = CLEAN;
  const random = chance(seed);
  const timers = new Timers();
  const clients = new Map();
  const front = createSocket('udp4');
  const pass = (client, path, data, send) => {
    const due = client.cut ? null : path.leaves(data.length, faults, performance.now());
    if (due !== null) timers.at(due, () => send(data));
  };
  const open = (from) => {
    const back = createSocket('udp4');
    const [there, here] = [new Path(random), new Path(random)];
    const client = { back, cut: false, send: (data) => pass(client, there, data, (out) => back.send(out, target.port, target.host)) };
    back.on('message', (data) => pass(client, here, data, (out) => front.send(out, from.port, from.address)));
    back.on('error', () => {}); // the target is not there: as on a real path, nobody tells
    return client;
  };
  front.on('message', (data, from) => {
    const key = `${from.address}:${from.port}`;
    if (!clients.has(key)) clients.set(key, open(from));
    clients.get(key).send(data);
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    set(change) {
      faults = { ...faults, ...change };
    },
    /** The share of packets, since this was asked last, that the machine held beyond what the path says: then it was
     *  another path than the one asked for. */
    held: () => timers.held(),
    /** Whoever is known passes no more; who comes from another port does: a device that changed its network. */
    cut() {
      for (const client of clients.values()) client.cut = true;
    },
    close() {
      timers.clear();
      front.close();
      for (const { back } of clients.values()) back.close();
    },
  };
}

/** A TCP relay in front of `target`: in order, as late as told; blocked, what comes waits, as it does in TCP. */
export async function startTcpRelay({ target, seed = 1 }) {
  let faults = CLEAN;
  const random = chance(seed);
  const pairs = new Set();
  const pump = (from, to) => {
    const waiting = [];
    let timer = null;
    let last = 0;
    const next = () => {
      timer = null;
      if (waiting.length === 0 || faults.blocked) return;
      const wait = waiting[0].due - performance.now();
      if (wait > 0) {
        timer = setTimeout(next, wait);
        return;
      }
      waiting.shift().run();
      next();
    };
    const go = () => {
      if (timer === null) next();
    };
    const put = (run) => {
      last = Math.max(last, performance.now() + faults.delay_ms + faults.jitter_ms * random());
      waiting.push({ due: last, run });
      go();
    };
    from.on('data', (data) => put(() => to.write(data)));
    from.on('end', () => put(() => to.end()));
    return { go, stop: () => clearTimeout(timer) };
  };
  const server = createServer((near) => {
    const far = connect(target.port, target.host);
    const pumps = [pump(near, far), pump(far, near)];
    const pair = { near, far, pumps };
    pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        for (const one of pumps) one.stop();
        near.destroy();
        far.destroy();
        pairs.delete(pair);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    set(change) {
      faults = { ...faults, ...change };
      for (const { pumps } of pairs) for (const one of pumps) one.go();
    },
    close() {
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    },
  };
}

/** Before it is opened: a page finds the relay where the server named itself. Only the answer's candidate is changed. */
export async function leadThrough(page, serverPort, relayPort) {
  await page.addInitScript(
    ([from, to]) => {
      const real = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function led({ type, sdp }) {
        const changed = sdp.replaceAll(` 127.0.0.1 ${from} typ host`, ` 127.0.0.1 ${to} typ host`);
        if (changed === sdp) throw new Error('the answer names no such candidate');
        return real.call(this, { type, sdp: changed });
      };
    },
    [serverPort, relayPort],
  );
}
