// A program under test: started, listened to line by line, ended by its process id.
//
// Refuses to leave anything behind: whatever was started is ended with the test process.
// Invariant: `waitFor` answers from the first line on, so a line that came before the call is not missed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const running = new Set();
process.on('exit', () => {
  for (const program of running) program.child.kill('SIGKILL');
});

/** How long a condition may take to come true, unless a test says otherwise. Generous: the machine is shared. */
export const DEADLINE_MS = 30_000;

/** Waits until `condition()` gives something truthy, and gives that back. */
export async function until(what, condition, deadlineMs = DEADLINE_MS, everyMs = 50) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** This process's environment without the settings of the tests, which are not the programs' own. */
const inherited = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RETURNFEED_')));

export class Program {
  #waiters = new Set();
  lines = [];

  constructor(name, command, args, { env = {}, cwd } = {}) {
    this.name = name;
    this.child = spawn(command, args, { env: { ...inherited(), ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this);
    this.exited = once(this.child, 'exit').then(([code, signal]) => {
      running.delete(this);
      for (const waiter of this.#waiters) waiter();
      return { code, signal };
    });
    this.child.on('error', (error) => this.#line(`could not start ${command}: ${error.message}`));
    this.child.stdin.on('error', () => {}); // it may have ended already
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#line(line));
    }
  }

  #line(line) {
    this.lines.push(line);
    if (process.env.RETURNFEED_VERBOSE) console.error(`[${this.name}] ${line}`);
    for (const waiter of this.#waiters) waiter();
  }

  get pid() {
    return this.child.pid;
  }

  get alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The first line from index `from` on that matches. */
  waitFor(pattern, { from = 0, deadlineMs = DEADLINE_MS } = {}) {
    return new Promise((resolve, reject) => {
      let next = from;
      const look = () => {
        for (; next < this.lines.length; next += 1) {
          if (pattern.test(this.lines[next])) return done(() => resolve(this.lines[next]));
        }
        if (!this.alive) done(() => reject(new Error(`${this.name} ended before ${pattern}\n${this.tail()}`)));
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`${this.name}: no line ${pattern} within ${deadlineMs} ms\n${this.tail()}`))),
        deadlineMs,
      );
      const done = (settle) => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        settle();
      };
      this.#waiters.add(look);
      look();
    });
  }

  type(text) {
    this.child.stdin.write(`${text}\n`);
  }

  tail(count = 25) {
    return this.lines.slice(-count).join('\n');
  }

  signal(name) {
    this.child.kill(name);
  }

  /** Asks it to end, then makes it. */
  async end(signal = 'SIGTERM', graceMs = 10_000) {
    if (this.alive) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    const result = await this.exited;
    clearTimeout(timer);
    return result;
  }
}
