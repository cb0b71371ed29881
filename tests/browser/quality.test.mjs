// What a director and a host see of a session's network: the quality page in Chromium, the figures in Prometheus.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { startFeed } from './lib/feed.mjs';
import { looksRight } from './lib/looked-at.mjs';
import { playing, startWatching } from './lib/pages.mjs';
import { inboundVideo } from './lib/peer.mjs';
import { until } from './lib/program.mjs';
import { Prometheus, RULES } from './lib/prometheus.mjs';

const pictures = process.env.RETURNFEED_SCREENSHOTS;
const DESK = { viewport: { width: 1280, height: 720 } };

/** Kept where somebody wants to look. */
async function picture(page, name) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: name.includes('whole') });
}

/** The metrics that an expression names: what is left when labels and functions are taken away. */
function named(expression) {
  const bare = expression.replaceAll(/\{[^}]*\}/g, '').replaceAll(/\b(by|without|on|ignoring) \([^)]*\)/g, '');
  const words = bare.match(/[a-z][a-z_]*\b(?! *\()/g) ?? [];
  return words.filter((word) => word.includes('_'));
}

describe('the network of a session', () => {
  let feed;
  let browser;
  let prometheus;
  let viewer;
  let link;
  before(async () => {
    feed = await startFeed({ directorArgs: ['--stamp'] });
    browser = await openBrowser();
    prometheus = await Prometheus.start(feed.cloud.ready.metrics_port);
    link = `${feed.cloud.origin}/quality/#${feed.session.id}/${feed.session.token}`;
  });
  after(async () => {
    await prometheus?.end();
    await browser?.close();
    await feed?.end();
  });

  test('the director sees a viewer, and each change of layer with its reason', async () => {
    const page = await openPage(browser, DESK);
    await page.goto(link);
    await page.getByRole('heading', { name: 'A show' }).waitFor();
    viewer = await openPage(browser);
    await viewer.goto(feed.viewerLink);
    await startWatching(viewer);
    await playing(viewer);
    const viewers = page.getByRole('figure', { name: 'Viewers by layer' });
    await viewers.filter({ hasText: /High 1(?!\d)/ }).waitFor();
    for (const [height, others] of [[180, /Low 1(?!\d)/], [360, /High 1(?!\d)/]]) {
      await viewer.getByRole('button', { name: 'Save data' }).click();
      await until(`pictures of ${height} lines`, async () => (await inboundVideo(viewer)).frameHeight === height);
      await viewers.filter({ hasText: others }).waitFor();
    }
    const switches = page.getByRole('region', { name: 'Changes of layer' }).getByRole('listitem');
    await switches.filter({ hasText: 'High → Low' }).filter({ hasText: 'Chosen by the viewer' }).waitFor();
    await switches.filter({ hasText: 'Low → High' }).first().waitFor();
    const row = page.getByRole('table').getByRole('row').nth(1);
    await row.filter({ hasText: 'viewer' }).filter({ hasText: 'High' }).waitFor();
    await page.getByRole('figure', { name: 'What the director pushes' }).filter({ hasText: /High [\d.]+ (M|k)bps/ }).waitFor();
    await page.getByRole('figure', { name: 'Delay from capture to the server' }).filter({ hasText: /High \d+ ms/ }).waitFor();
    assert.ok((await page.locator('canvas').count()) >= 6, 'six plots are drawn');
    assert.deepEqual(page.problems, []);
    await picture(page, 'quality-desk');
    await picture(page, 'quality-desk-whole');
    await page.context().close();
  });

  test('a page that opens late is full at once, on a phone and in Korean too', async () => {
    const page = await openPage(browser, { ...PHONE, locale: 'ko-KR' });
    await page.goto(link);
    await page.getByRole('region', { name: '화질 전환 기록' }).getByText('고화질 → 저화질').waitFor();
    await looksRight(page, 'quality-korean-phone');
    await picture(page, 'quality-phone');
    await picture(page, 'quality-phone-whole');
    await page.context().close();
  });

  test('a viewer\'s token opens nothing, and a link that is cut says so', async () => {
    const { token } = await feed.cloud.join(feed.session.viewerCode);
    const page = await openPage(browser);
    await page.goto(`${feed.cloud.origin}/quality/#${feed.session.id}/${token}`);
    await page.getByText("Only the session's director may do this").waitFor();
    await page.goto('about:blank');
    await page.goto(`${feed.cloud.origin}/quality/#${feed.session.id}`);
    await page.getByText('This link is not whole').waitFor();
    await page.context().close();
  });

  test('Prometheus reads the same, by the names of the architecture', async () => {
    const of = `session_id="${feed.session.id}"`;
    const holds = async (expression) =>
      until(expression, async () => (await prometheus.query(expression)).length > 0);
    // The viewer's own wish moved it there and back; on a busy machine its network may have moved it too.
    await holds(`simulcast_quality_switches{${of},from_quality="high",to_quality="low"} >= 1`);
    await holds(`simulcast_quality_switches{${of},from_quality="low",to_quality="high"} >= 1`);
    await holds(`sum(simulcast_active_viewers{${of}}) == 1`);
    const losses = await until('a viewer\'s loss', async () => {
      const samples = await prometheus.query(`network_packet_loss_count{${of}}`);
      return samples.length > 0 && samples;
    });
    assert.match(losses[0].labels.user_id, /^[0-9a-f-]{36}$/);
    await until('the forward delay', async () =>
      (await prometheus.query('frame_stage_seconds_count{stage="cloud",layer="high"} > 0')).length);
    assert.equal((await prometheus.query('up'))[0].value, 1);
  });

  test('each alert is judged by a real Prometheus, fires by its own figures, and has its page in the runbook', async () => {
    const tested = spawnSync('promtool', ['test', 'rules', RULES.replace('.rules.', '.rules.test.')], { encoding: 'utf8' });
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    const judged = async () => (await prometheus.alerts()).every(({ health }) => health !== 'unknown');
    await until('every alert judged', judged);
    const alerts = await prometheus.alerts();
    assert.ok(alerts.length >= 13, `${alerts.length} alerts`);
    const runbook = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const cases = readFileSync(RULES.replace('.rules.', '.rules.test.'), 'utf8');
    for (const { name, health, lastError, annotations } of alerts) {
      assert.equal(health, 'ok', `${name}: ${lastError}`);
      assert.equal(annotations.runbook, `docs/operations.md#${name.toLowerCase()}`);
      assert.ok(runbook.includes(`\n#### ${name}\n`), `${name} has no page in the runbook`);
      assert.ok(cases.includes(`alertname: ${name}`), `${name} is never seen to fire`);
    }
    // The metrics that they name exist: a misspelt one would stay silent for ever.
    const { text } = await feed.cloud.metrics();
    const told = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name, kind]) =>
      kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => name + part) : [name]));
    for (const { name, query } of alerts) {
      for (const metric of named(query)) assert.ok(told.has(metric), `${name} asks for ${metric}, which nobody tells`);
    }
    const dashboard = JSON.parse(readFileSync(new URL('../../installers/grafana/returnfeed.json', import.meta.url), 'utf8'));
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(expressions.length >= 25, `${expressions.length} expressions`);
    for (const expression of expressions) {
      for (const metric of named(expression)) assert.ok(told.has(metric), `the dashboard asks for ${metric}`);
      // Understood by Prometheus itself, and answered: the show that runs here fills every panel.
      const asked = expression.replaceAll('$session', '.*');
      await until(`an answer to ${asked}`, async () => (await prometheus.query(asked)).length > 0);
    }
  });

  test('promtool remarks on the one name that is given, and on nothing else', async () => {
    const { text } = await feed.cloud.metrics();
    const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(stderr.trim(), 'simulcast_quality_switches counter metrics should have "_total" suffix');
  });

  test('a session that has ended is gone from the figures, and its page says so', async () => {
    const page = await openPage(browser);
    await page.goto(link);
    await page.getByText('Live, each second').waitFor();
    const ended = { token: feed.cloud.token, body: { state: 'ended' } };
    await feed.cloud.api('PATCH', `/api/sessions/${feed.session.id}`, ended);
    await page.getByText('This session is over').waitFor();
    const { text } = await feed.cloud.metrics();
    assert.ok(!text.includes(feed.session.id), text);
    await until('Prometheus has no series of it', async () =>
      (await prometheus.query(`{session_id="${feed.session.id}"}`)).length === 0);
    await page.context().close();
  });
});
