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

  /** Median of a stage of a frame's way, in ms. */
  stage(stage, layer) {
    const found = this.find('frame_stage_seconds', { stage, layer, quantile: '0.5' })[0];
    if (!found) throw new Error(`the server measured no stage ${stage} of the ${layer} layer`);
    return found.value * 1000;
  }

  /** Bytes of a layer on the wire: what arrived, and the SRT (16), UDP (8) and IP (20) header of each message. */
  wireBytes(layer) {
    return this.sum('ingest_bytes_total', { layer }) + 44 * this.sum('ingest_messages_total', { layer });
  }
}
