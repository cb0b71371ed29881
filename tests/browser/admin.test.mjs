// The host's page, and that it is nobody else's.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { accessible } from './lib/axe.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud, program } from './lib/cloud.mjs';
import { DESK, isTooWide, picture } from './lib/looked-at.mjs';

const PASSWORD = 'a passphrase for the tests';

describe('the host\'s page', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start();
    for (const name of ['Ada', 'Bob']) {
      const made = spawnSync(program('returnfeed-cloud'), [
        'account', 'create', '--data-dir', cloud.dataDir, '--email', `${name}@example.org`, '--name', name, '--password-stdin',
      ], { input: PASSWORD, encoding: 'utf8' });
      assert.equal(made.status, 0, made.stderr);
    }
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  const login = (email) => cloud.request('POST', '/api/login', { body: { email, password: PASSWORD } });
  /** The page, as somebody who signed in there. */
  const open = async (screen, email) => {
    const page = await openPage(browser, screen);
    await page.goto(`${cloud.origin}/admin/`);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    return page;
  };
  const looksRight = async (page, name) => {
    await accessible(page, name);
    assert.equal(await isTooWide(page), false, `${name}: nothing stands beside the screen`);
    await picture(page, name);
  };

  for (const [name, screen] of [['phone', PHONE], ['desk', DESK]]) {
    test(`the host sees who is there, what runs and what was done: ${name}`, async () => {
      const { id } = await cloud.session({ name: `Sunday ${name}` });
      const page = await open(screen, 'director@example.org');
      const session = page.getByRole('listitem', { name: `Sunday ${name}` });
      await session.getByText('live', { exact: true }).waitFor();
      await looksRight(page, `admin-now-${name}`);
      await session.getByRole('button', { name: 'End' }).click();
      await session.getByRole('button', { name: 'Yes, end it' }).click();
      await session.waitFor({ state: 'detached' });
      assert.equal((await cloud.api('GET', `/api/sessions/${id}`, { token: cloud.token })).session.state, 'ended');
      await page.getByRole('button', { name: 'What happened' }).click();
      await page.getByRole('textbox', { name: 'What' }).fill('session');
      await page.getByRole('textbox', { name: 'Who' }).fill('direc');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByRole('listitem').filter({ hasText: 'session.ended' }).filter({ hasText: 'Director · 127.0.0.1' }).first().waitFor();
      await looksRight(page, `admin-audit-${name}`);
      await page.context().close();
    });
  }

  test('somebody who is shut out cannot log in until the host lets them in', async () => {
    const page = await open(DESK, 'director@example.org');
    await page.getByRole('button', { name: 'People' }).click();
    const bob = page.getByRole('listitem', { name: 'Bob' });
    await looksRight(page, 'admin-people-desk');
    await bob.getByRole('button', { name: 'Shut' }).click();
    await bob.getByRole('button', { name: 'Yes' }).click();
    await bob.getByText('shut', { exact: true }).waitFor();
    assert.equal((await login('bob@example.org')).status, 401);
    await bob.getByRole('button', { name: 'Open' }).click();
    await bob.getByRole('button', { name: 'Shut' }).waitFor();
    assert.equal((await login('bob@example.org')).status, 200);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('to everybody else the page says whose it is, and shows nothing', async () => {
    const page = await open(DESK, 'ada@example.org');
    await page.getByRole('alert').filter({ hasText: 'Only the host of this server sees this page' }).waitFor();
    assert.equal(await page.getByRole('listitem').count(), 0);
    await page.context().close();
  });
});
