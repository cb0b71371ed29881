// A real Prometheus that scrapes one server, each second, from a folder of its own.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program } from './program.mjs';

/** The alerts that are installed with a server. */
export const RULES = new URL('../../../installers/prometheus/returnfeed.rules.yml', import.meta.url).pathname;

export class Prometheus {
  static async start(metricsPort) {
    const prometheus = new Prometheus();
    prometheus.dir = mkdtempSync(join(tmpdir(), 'returnfeed-prometheus-'));
    const config = join(prometheus.dir, 'prometheus.yml');
    writeFileSync(
      config,
      `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: ["${RULES}"]
scrape_configs:
  - job_name: returnfeed
    static_configs: [{ targets: ["127.0.0.1:${metricsPort}"] }]
`,
    );
    prometheus.program = new Program('prometheus', 'prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(prometheus.dir, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ]);
    const line = await prometheus.program.waitFor(/msg="Listening on" address=127\.0\.0\.1:\d+/);
    prometheus.origin = `http://${/address=(127\.0\.0\.1:\d+)/.exec(line)[1]}`;
    return prometheus;
  }

  /** The samples of an instant query: labels and value. */
  async query(expression) {
    const answer = await fetch(`${this.origin}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { status, data, error } = await answer.json();
    if (status !== 'success') throw new Error(`${expression}: ${error}`);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Each alert as Prometheus loaded it. */
  async alerts() {
    const { data } = await (await fetch(`${this.origin}/api/v1/rules?type=alert`)).json();
    return data.groups.flatMap(({ rules }) => rules);
  }

  async end() {
    await this.program.end();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
