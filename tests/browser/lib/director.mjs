// A real `returnfeed-director`: a source each camera, cut by typing its number.

import { Program } from './program.mjs';
import { program } from './cloud.mjs';

export class Director {
  /** `lan`: where it serves pages on the local network; off, where the cloud is what is tried. */
  constructor(cloud, session, { sources = ['test', 'test'], args = [], env = {}, lan = 'off' } = {}) {
    this.program = new Program(
      'director',
      program('returnfeed-director'),
      [
        '--cloud', cloud.origin, '--session', session.id, '--token-file', session.tokenFile,
        '--ca', cloud.ready.cert_path, '--no-log', '--lan', lan,
        ...sources.flatMap((source) => ['--source', source]), ...args,
      ],
      { env },
    );
  }

  /** Cuts this source to the programme. */
  cut(number) {
    this.program.type(String(number));
  }

  /** Sets this source on the preview. */
  preview(number) {
    this.program.type(`p${number}`);
  }

  async end(signal) {
    return this.program.end(signal);
  }
}
