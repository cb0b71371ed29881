// A director that is killed while it is live comes back by itself: the same programme, a higher epoch, the picture in the
// cloud again.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Cloud } from './lib/cloud.mjs';
import { Director } from './lib/director.mjs';
import { freePort } from './lib/ports.mjs';
import { until } from './lib/program.mjs';

const TOKEN = 'a-token-of-this-test';

let cloud;
let session;
let tokenFile;

async function ask(port, path, body) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    });
    return answer.status === 202 ? {} : answer.ok ? await answer.json() : null;
  } catch {
    return null; // nobody is there yet
  }
}

before(async () => {
  cloud = await Cloud.start();
  session = await cloud.session();
  tokenFile = join(cloud.dataDir, 'control.token');
  writeFileSync(tokenFile, TOKEN);
});

after(() => cloud?.end());

test('killed while live, it is back on air by itself with the same programme and a higher epoch', async () => {
  const [tally, control] = [await freePort(), await freePort()];
  const director = new Director(cloud, session, {
    args: [
      '--keep', join(cloud.dataDir, 'standing.json'), '--out', `http:127.0.0.1:${tally}?token-file=${tokenFile}`,
      '--control-token-file', tokenFile, '--control', `127.0.0.1:${control}`,
    ],
  });
  const buses = async () => (await ask(control, '/state'))?.find((notice) => notice.event === 'buses');
  const receives = async () =>
    (await ask(control, '/state'))?.some(
      (notice) => notice.event === 'ingest' && notice.layer === 'high' && notice.state === 'receiving',
    );
  try {
    await until('the cloud receives the picture', receives);
    await until('the second source is live', async () =>
      (await ask(control, '/state'))?.some((notice) => notice.source === 2 && notice.state === 'live'));
    assert.deepEqual(await ask(control, '/command', { do: 'cut', source: 2 }), {});
    await until('source 2 is on air', async () => (await buses())?.programme === 2);
    const standing = join(cloud.dataDir, 'standing.json');
    await until('and kept', () => JSON.parse(readFileSync(standing, 'utf8')).programme === 2);
    const { epoch } = await ask(tally, '/tally');
    assert.ok(epoch > 0, `${epoch}`);

    const parent = director.program.pid;
    const child = Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim());
    process.kill(child, 'SIGKILL');
    const killed = performance.now();
    const state = await until('the same programme', async () => {
      const now = await buses();
      return now && now.programme === 2 && now;
    });
    await until('the cloud receives it again', receives);
    console.log(`back in the cloud ${Math.round(performance.now() - killed)} ms after the kill`);
    assert.equal(state.preview, 1);
    const again = await until('a word of the new run', async () => {
      const now = await ask(tally, '/tally');
      return now?.epoch > epoch && now;
    });
    assert.deepEqual(again.cameras.map((lamp) => lamp.tally), ['preview', 'program']);
  } finally {
    const { code } = await director.end();
    assert.equal(code, 0);
  }
});
