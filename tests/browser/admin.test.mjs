// The host's page, and that it is nobody else's.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, atHome, button, inside, person, signIn, told } from './lib/accounts.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { DESK, looksRight } from './lib/looked-at.mjs';

const MARKUP = '<img src=x onerror="globalThis.ran = true">';

describe('the host\'s page', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start({ args: ['--registration', 'invite'] });
    for (const name of ['Ada', 'Bob']) person(cloud, name);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  const login = (email) => cloud.request('POST', '/api/login', { body: { email, password: PASSWORD } });
  /** The page, as somebody who signed in there. */
  const open = async (screen, email = 'director@example.org') => {
    const page = await openPage(browser, screen);
    await page.goto(`${cloud.origin}/admin/`);
    await signIn(page, email);
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    return page;
  };
  const people = async (page, who) => {
    await button(page, 'People').click();
    await page.getByLabel('Name or e-mail').fill(who);
    await button(page, 'Show').click();
    return page.getByRole('listitem', { name: who });
  };
  const sure = async (row, act) => {
    await button(row, act).click();
    await button(row, 'Yes').click();
  };

  for (const [name, screen] of [['phone', PHONE], ['desk', DESK]]) {
    test(`the host sees who is there, what runs and what was done: ${name}`, async () => {
      const { id } = await cloud.session({ name: `Sunday ${name}` });
      const page = await open(screen);
      const session = page.getByRole('listitem', { name: `Sunday ${name}` });
      await session.getByText('live', { exact: true }).waitFor();
      await looksRight(page, `admin-now-${name}`);
      await session.getByRole('button', { name: 'End' }).click();
      await session.getByRole('button', { name: 'Yes, end it' }).click();
      await session.waitFor({ state: 'detached' });
      assert.equal((await cloud.api('GET', `/api/sessions/${id}`, { token: cloud.token })).session.state, 'ended');
      await page.getByRole('button', { name: 'What happened' }).click();
      await page.getByText('Each entry is kept for 365 days').waitFor();
      await page.getByRole('textbox', { name: 'What' }).fill('session');
      await page.getByRole('textbox', { name: 'Who' }).fill('direc');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByRole('listitem').filter({ hasText: 'session.ended' }).filter({ hasText: 'Director · 127.0.0.1' }).first().waitFor();
      await looksRight(page, `admin-audit-${name}`);
      await page.context().close();
    });
  }

  test('somebody who is shut out cannot log in until the host lets them in', async () => {
    const page = await open(DESK);
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

  test('people are found; what the host does to one of them holds, and the last host stays one', async () => {
    const email = person(cloud, 'Grace Hopper', 'grace@example.org');
    const grace = await atHome(await openPage(browser, PHONE), cloud, email);
    const page = await open(PHONE);
    await button(page, 'People').click();
    await page.getByRole('listitem', { name: 'Bob' }).waitFor();
    const row = await people(page, 'Grace Hopper');
    await page.getByRole('listitem', { name: 'Bob' }).waitFor({ state: 'detached' });
    await looksRight(page, 'admin-person-phone');
    await sure(row, 'Sign out everywhere');
    await row.getByRole('status').filter({ hasText: 'Every login has ended' }).waitFor();
    await grace.reload();
    await grace.getByRole('heading', { name: 'Sign in' }).waitFor();
    await sure(row, 'Make a host');
    await row.getByText('host', { exact: true }).waitFor();
    assert.equal(await button(row, 'Shut').count(), 0, 'a host is shut out by nobody');
    await signIn(grace, email);
    await inside(grace).getByRole('link', { name: 'Host' }).click();
    await grace.getByRole('heading', { name: 'Now' }).waitFor();
    await sure(row, 'No host any more');
    await button(row, 'Shut').waitFor();
    const director = await people(page, 'Director');
    await sure(director, 'No host any more');
    await told(page, 'This is the last host of the server').waitFor();
    await page.getByLabel('Name or e-mail').fill('nobody has this');
    await button(page, 'Show').click();
    await page.getByText('Nobody has this').waitFor();
    for (const one of [page, grace]) await one.context().close();
  });

  test('a link for a new password and one that proves an e-mail are shown once, as text and code, and do it', async () => {
    const email = person(cloud, 'Heidi');
    const page = await open(DESK);
    const row = await people(page, 'Heidi');
    const made = async (name, told) => {
      await button(row, name).click();
      const shown = row.getByRole('region', { name: told });
      await shown.getByRole('img', { name: `QR code, ${told}` }).waitFor();
      const address = await shown.locator('.address').innerText();
      return { shown, address };
    };
    const proof = await made('Proof link', `Proof of ${email}. Send it there and nowhere else`);
    const reset = await made('Password link', 'A new password for Heidi');
    await looksRight(page, 'admin-links-desk');
    await button(reset.shown, 'Hide it').click();
    await reset.shown.waitFor({ state: 'detached' });
    const phone = await openPage(browser, PHONE);
    await phone.goto(proof.address);
    await button(phone, 'Yes, it is mine').click();
    await phone.getByRole('heading', { name: 'The e-mail is proven to be yours' }).waitFor();
    await phone.goto(reset.address);
    await phone.getByLabel('New password', { exact: true }).fill('another passphrase');
    await button(phone, 'Save the password').click();
    await phone.getByRole('heading', { name: 'The new password holds' }).waitFor();
    await atHome(phone, cloud, email, 'another passphrase');
    await page.reload();
    const again = await people(page, 'Heidi');
    await again.waitFor();
    assert.equal(await button(again, 'Proof link').count(), 0, 'it is proven');
    for (const one of [page, phone]) await one.context().close();
  });

  test('an invitation that the host makes opens on a phone, once, and its account is there', async () => {
    const page = await open(PHONE);
    await button(page, 'People').click();
    await button(page, 'Make the link').click();
    const made = page.getByRole('region', { name: 'Invitation' });
    await made.getByRole('img').waitFor();
    await looksRight(page, 'admin-invitation-phone');
    const address = await made.locator('.address').innerText();
    const phone = await openPage(browser, { ...PHONE, locale: 'ko-KR' });
    await phone.goto(address);
    await phone.getByText('이 서버의 호스트가 초대했습니다.').waitFor();
    await looksRight(phone, 'invited-korean');
    const fill = async (on, email) => {
      await on.getByLabel(/^(E-mail|이메일)$/).fill(email);
      await on.getByLabel(/^(Name|이름)$/).fill(MARKUP);
      await on.getByLabel(/^(Password|비밀번호)$/).fill(PASSWORD);
      await on.getByRole('button', { name: /^(Make an account|계정 만들기)$/ }).click();
    };
    await fill(phone, 'ivan@example.org');
    await phone.getByRole('heading', { name: '새 세션' }).waitFor();
    await phone.getByLabel('세션 이름').fill(MARKUP);
    await button(phone, '만들기').click();
    await phone.getByRole('listitem', { name: MARKUP }).waitFor();
    const other = await openPage(browser, PHONE);
    await other.goto(address);
    await fill(other, 'mallory@example.org');
    await told(other, 'This invitation has been used').waitFor();
    // Names with markup are text, wherever the host meets them.
    await (await people(page, MARKUP)).getByText(MARKUP).first().waitFor();
    await button(page, 'Now').click();
    await page.getByRole('listitem', { name: MARKUP }).getByText(MARKUP).first().waitFor();
    await button(page, 'What happened').click();
    await page.getByRole('listitem').filter({ hasText: 'account.registered' }).filter({ hasText: MARKUP }).first().waitFor();
    for (const one of [page, phone, other]) {
      assert.equal(await one.evaluate(() => globalThis.ran), undefined, 'nothing of a name ran');
      assert.deepEqual(one.problems, []);
      await one.context().close();
    }
  });

  test('the list of what happened goes on to what is older', async () => {
    const { access_token: token } = await cloud.api('POST', '/api/login', { body: { email: 'ada@example.org', password: PASSWORD } });
    const { session } = await cloud.api('POST', '/api/sessions', { token, body: { name: 'to and fro' } });
    // A hundred and one entries of one kind: one more than a page holds.
    for (let n = 0; n < 101; n += 1) {
      await cloud.api('POST', `/api/sessions/${session.id}/credentials`, { token });
    }
    const [{ what }] = await cloud.api('GET', '/api/admin/audit', { token: cloud.token });
    const page = await open(DESK);
    await button(page, 'What happened').click();
    await page.getByRole('textbox', { name: 'What' }).fill(what);
    await button(page, 'Show').click();
    const entries = page.getByRole('listitem').filter({ hasText: what });
    await entries.nth(99).waitFor();
    assert.equal(await entries.count(), 100);
    await button(page, 'Older').click();
    await entries.nth(100).waitFor();
    assert.equal(await button(page, 'Older').count(), 0);
    await page.context().close();
  });

  test('the host\'s page speaks Korean to a Korean desk', async () => {
    const page = await openPage(browser, { ...DESK, locale: 'ko-KR' });
    await page.goto(`${cloud.origin}/admin/`);
    await page.getByLabel('이메일').fill('director@example.org');
    await page.getByLabel('비밀번호').fill(PASSWORD);
    await button(page, '로그인').click();
    await page.getByText('메모리').waitFor();
    await looksRight(page, 'admin-now-korean');
    await button(page, '사람').click();
    await page.getByRole('listitem', { name: 'Ada' }).waitFor();
    await looksRight(page, 'admin-people-korean');
    await button(page, '기록').click();
    await page.getByRole('listitem').first().waitFor();
    await looksRight(page, 'admin-audit-korean');
    await page.context().close();
  });

  test('to everybody else the page says whose it is, and shows nothing', async () => {
    const page = await open(DESK, 'ada@example.org');
    await page.getByRole('alert').filter({ hasText: 'Only the host of this server sees this page' }).waitFor();
    assert.equal(await page.getByRole('listitem').count(), 0);
    await button(page, 'Sign out').click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.context().close();
  });
});
