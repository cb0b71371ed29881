// Prometheus' text format (version 0.0.4), as much of it as the server's own metrics use.

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export class Metrics {
  constructor(text) {
    this.text = text;
    this.samples = text
      .split('\n')
      .map((line) => SAMPLE.exec(line))
      .filter(Boolean)
      .map(([, name, labels = '', value]) => ({
        name,
        labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, text_]) => [key, text_])),
        value: Number(value),
      }));
  }

  /** All samples of a name whose labels agree. */
  find(name, labels = {}) {
    return this.samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** The sum of those samples. */
  sum(name, labels) {
    return this.find(name, labels).reduce((sum, sample) => sum + sample.value, 0);
  }

  /** Median of a stage since `before`, in ms: read off the histogram, linear within a bucket. */
  stageSince(before, stage, layer) {
    const name = 'frame_stage_seconds_bucket';
    const buckets = this.find(name, { stage, layer })
      .map(({ labels: { le }, value }) => ({
        edge: le === '+Inf' ? Infinity : Number(le),
        count: value - (before.find(name, { stage, layer, le })[0]?.value ?? 0),
      }))
      .sort((a, b) => a.edge - b.edge);
    const half = (buckets.at(-1)?.count ?? 0) / 2;
    if (!half) throw new Error(`the server measured no stage ${stage} of the ${layer} layer`);
    let below = { edge: 0, count: 0 };
    for (const bucket of buckets) {
      if (bucket.count >= half) {
        const part = (half - below.count) / (bucket.count - below.count);
        return 1000 * (bucket.edge === Infinity ? below.edge : below.edge + part * (bucket.edge - below.edge));
      }
      below = bucket;
    }
    return null;
  }

  /** Bytes of a layer on the wire: what arrived, and the SRT (16), UDP (8) and IP (20) header of each message. */
  wireBytes(layer) {
    return this.sum('ingest_bytes_total', { layer }) + 44 * this.sum('ingest_messages_total', { layer });
  }
}
