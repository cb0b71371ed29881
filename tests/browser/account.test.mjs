// The account pages as a person uses them, on a phone and on a desk, in both languages.

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, signIn } from './lib/accounts.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { DESK, looksRight } from './lib/looked-at.mjs';
import { until } from './lib/program.mjs';

const KOREAN = { ...PHONE, locale: 'ko-KR' };

async function openAndSignIn(page, origin, email = 'director@example.org', password = PASSWORD) {
  await page.goto(`${origin}/account/`);
  await signIn(page, email, password);
}

describe('the account pages', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  test('a wrong password is a sentence, and does not say what was wrong', async () => {
    const page = await openPage(browser, PHONE);
    await openAndSignIn(page, cloud.origin, 'director@example.org', 'not the password');
    const known = await page.getByRole('alert').innerText();
    await looksRight(page, 'account-refused-phone');
    await openAndSignIn(page, cloud.origin, 'nobody@example.org', 'not the password');
    assert.equal(await page.getByRole('alert').innerText(), known);
    await page.context().close();
  });

  for (const [name, screen] of [['phone', PHONE], ['desk', DESK]]) {
    test(`a session is made, renamed, ended and opened again: ${name}`, async () => {
      const page = await openPage(browser, screen);
      await page.goto(`${cloud.origin}/account/`);
      await page.getByLabel('E-mail').waitFor();
      await looksRight(page, `account-sign-in-${name}`);
      await openAndSignIn(page, cloud.origin);
      const session = (title) => page.getByRole('listitem', { name: title });
      const show = `Sunday ${name}`;
      await page.getByLabel('Name of the session').fill(show);
      await page.getByRole('button', { name: 'Create' }).click();
      await session(show).getByRole('button', { name: 'Links' }).click();
      await session(show).getByRole('img', { name: 'QR code, For camera operators' }).waitFor();
      const link = await session(show).getByRole('link', { name: /\/camera\/#/ }).getAttribute('href');
      await looksRight(page, `account-session-${name}`);
      const code = new URL(link).hash.slice(1);
      assert.equal((await cloud.join(code)).session.name, show, 'the link that is shown opens');
      await session(show).getByRole('button', { name: 'Rename' }).click();
      await session(show).getByLabel('Name of the session').fill(`${show} evening`);
      await session(show).getByRole('button', { name: 'Save' }).click();
      const renamed = session(`${show} evening`);
      await renamed.getByRole('button', { name: 'End' }).click();
      await renamed.getByRole('button', { name: 'Yes, end it' }).click();
      await renamed.getByText('ended', { exact: true }).waitFor();
      await renamed.getByRole('button', { name: 'Open again' }).click();
      await renamed.getByText('not begun').waitFor();
      assert.deepEqual(page.problems, []);
      await page.context().close();
    });
  }

  test('the pages speak Korean to a Korean phone', async () => {
    const page = await openPage(browser, KOREAN);
    await page.goto(`${cloud.origin}/account/`);
    await page.getByLabel('이메일').fill('director@example.org');
    await page.getByLabel('비밀번호').fill(PASSWORD);
    await looksRight(page, 'account-sign-in-korean');
    await page.getByRole('button', { name: '로그인', exact: true }).click();
    await page.getByRole('heading', { name: '새 세션' }).waitFor();
    await looksRight(page, 'account-sessions-korean');
    await page.context().close();
  });

  test('no token stands in the storage of the browser, or in the address', async () => {
    const page = await openPage(browser);
    await openAndSignIn(page, cloud.origin);
    await page.getByRole('heading', { name: 'New session' }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    assert.doesNotMatch(kept, /eyJ/);
    await page.context().close();
  });
});

describe('a new server', () => {
  test('its first account is made with the token that it printed, and is the host\'s', async () => {
    const cloud = new Cloud();
    cloud.dataDir = mkdtempSync(join(tmpdir(), 'returnfeed-'));
    cloud.readyFile = join(cloud.dataDir, 'ready.json');
    cloud.token = 'there is no account to log in with';
    const browser = await openBrowser();
    try {
      await cloud.serve();
      const line = await cloud.program.waitFor(/Setup token, good once: (\S+)/);
      const page = await openPage(browser, PHONE);
      await page.goto(`${cloud.origin}/account/`);
      await page.getByRole('heading', { name: 'The first account' }).waitFor();
      await looksRight(page, 'account-set-up-phone');
      const fill = async (token) => {
        await page.getByLabel('Setup token').fill(token);
        await page.getByLabel('E-mail').fill('ada@example.org');
        await page.getByLabel('Name', { exact: true }).fill('Ada');
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Make an account' }).click();
      };
      await fill('a guess');
      await page.getByRole('alert').filter({ hasText: 'The setup token is wrong' }).waitFor();
      await fill(/once: (\S+)/.exec(line)[1]);
      await page.getByRole('heading', { name: 'New session' }).waitFor();
      await until('the server has an account', async () => (await cloud.api('GET', '/api/signin')).set_up);
    } finally {
      await browser.close();
      await cloud.end();
    }
  });
});
