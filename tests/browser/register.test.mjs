// How one comes to an account and leaves it: sign-up, invitation, the host's links, another password, deletion.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, atHome, button, inside, linkOf, person, signIn, told } from './lib/accounts.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { DESK, looksRight } from './lib/looked-at.mjs';

const KOREAN = { ...PHONE, locale: 'ko-KR' };
const heading = (page, name) => page.getByRole('heading', { name });
const atAccount = (page) => button(page, 'Account').click();

describe('where everybody may make an account', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start({ args: ['--registration', 'open'] });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  const open = async (path = '/account/', screen = PHONE) => {
    const page = await openPage(browser, screen);
    await page.goto(path.startsWith('https:') ? path : cloud.origin + path);
    return page;
  };
  const login = async (email, password = PASSWORD) =>
    (await cloud.request('POST', '/api/login', { body: { email, password } })).status;

  test('sign-up on a phone; what is refused, and what a lost network took, stays typed', async () => {
    const page = await open();
    await button(page, 'Make an account').click();
    await looksRight(page, 'register-phone');
    const email = page.getByLabel('E-mail');
    await email.fill('director@example.org');
    await page.getByLabel('Name', { exact: true }).fill('<b>Eve</b>');
    await page.getByLabel('Password').fill(PASSWORD);
    await button(page, 'Make an account').click();
    await told(page, 'This e-mail has an account here').waitFor();
    await looksRight(page, 'register-taken-phone');
    await email.fill('eve@example.org');
    await page.getByLabel('Password').fill('password1');
    await button(page, 'Make an account').click();
    await told(page, 'This password is easy to guess').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.context().setOffline(true);
    await button(page, 'Make an account').click();
    await told(page, 'The server cannot be reached').waitFor();
    assert.deepEqual(
      await page.locator('form input').evaluateAll((fields) => fields.map(({ value }) => value)),
      ['eve@example.org', '<b>Eve</b>', PASSWORD],
    );
    await page.context().setOffline(false);
    await button(page, 'Make an account').click();
    await inside(page).waitFor();
    await atAccount(page);
    await heading(page, '<b>Eve</b>').waitFor();
    await page.getByText('Not proven yet to be yours').waitFor();
    await looksRight(page, 'account-own-phone');
    assert.equal(await login('eve@example.org'), 200);
    await page.reload();
    await inside(page).waitFor();
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('sign-up, the links of the host and one’s account speak Korean to a Korean phone', async () => {
    const email = person(cloud, 'Jisu');
    const page = await open('/account/', KOREAN);
    await button(page, '계정 만들기').click();
    await looksRight(page, 'register-korean');
    for (const [verb, title] of [['reset', '새 비밀번호를 정하세요'], ['verify-link', '본인의 이메일이 맞나요?']]) {
      await page.goto(linkOf(cloud, [verb, '--email', email]));
      await heading(page, title).waitFor();
      await looksRight(page, `by-link-${verb}-korean`);
    }
    await page.goto(`${cloud.origin}/account/`);
    await page.getByLabel('이메일').fill(email);
    await page.getByLabel('비밀번호').fill(PASSWORD);
    await button(page, '로그인').click();
    await button(page, '계정').click();
    await button(page, '계정 삭제').click();
    await looksRight(page, 'account-own-korean');
    await page.context().close();
  });

  test('a link of the host sets another password once, and every login ends', async () => {
    const email = person(cloud, 'Ada');
    const before = await atHome(await openPage(browser, DESK), cloud, email);
    const link = linkOf(cloud, ['reset', '--email', email]);
    const page = await open(link);
    await heading(page, 'Choose a new password').waitFor();
    assert.equal(new URL(page.url()).hash, '', 'the token does not stay in the address');
    await looksRight(page, 'reset-phone');
    await page.getByLabel('New password', { exact: true }).fill('another passphrase');
    await button(page, 'Save the password').click();
    await heading(page, 'The new password holds').waitFor();
    await looksRight(page, 'reset-done-phone');
    await button(page, 'Sign in').click();
    await signIn(page, email, 'another passphrase');
    await inside(page).waitFor();
    assert.equal(await login(email), 401);
    await before.reload();
    await heading(before, 'Sign in').waitFor();
    const again = await open(link);
    await again.getByLabel('New password', { exact: true }).fill('a third passphrase');
    await button(again, 'Save the password').click();
    await told(again, 'This link has been used').waitFor();
    for (const one of [page, before, again]) await one.context().close();
  });

  test('an e-mail is proven by a tap on the link, and not by opening it', async () => {
    const email = person(cloud, 'Bob');
    const page = await atHome(await openPage(browser, PHONE), cloud, email);
    const link = linkOf(cloud, ['verify-link', '--email', email]);
    for (const looks of ['once', 'twice']) {
      await page.goto(link);
      await heading(page, 'Is this your e-mail?').waitFor();
      await looksRight(page, `verify-${looks}-phone`);
      await page.goto('about:blank');
    }
    await page.goto(link);
    await button(page, 'Yes, it is mine').click();
    await heading(page, 'The e-mail is proven to be yours').waitFor();
    await button(page, 'Go on').click();
    await atAccount(page);
    await page.getByText('Proven to be yours.').waitFor();
    await page.goto(link);
    await button(page, 'Yes, it is mine').click();
    await told(page, 'This link has been used').waitFor();
    await page.context().close();
  });

  test('another password takes the one before and ends the other logins; one login is ended by itself', async () => {
    const email = person(cloud, 'Carol');
    const pages = [];
    for (let n = 0; n < 3; n += 1) pages.push(await atHome(await openPage(browser, DESK), cloud, email));
    const [mine, other, another] = pages;
    await atAccount(mine);
    const logins = mine.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
    await logins.nth(2).waitFor();
    await looksRight(mine, 'account-own-desk');
    assert.equal(await logins.filter({ hasText: 'this one' }).count(), 1);
    await logins.filter({ hasNotText: 'this one' }).first().getByRole('button', { name: 'End' }).click();
    await logins.nth(2).waitFor({ state: 'detached' });
    await mine.getByLabel('Present password').fill('a guess');
    await mine.getByLabel('New password', { exact: true }).fill('another passphrase');
    await button(mine, 'Save the password').click();
    await told(mine, 'The password is wrong').waitFor();
    await mine.getByLabel('Present password').fill(PASSWORD);
    await button(mine, 'Save the password').click();
    await mine.getByRole('status').filter({ hasText: 'The new password holds' }).waitFor();
    assert.equal(await login(email, 'another passphrase'), 200);
    for (const page of [other, another]) {
      await page.reload();
      await heading(page, 'Sign in').waitFor();
      await page.context().close();
    }
    await mine.context().close();
  });

  test('signing out ends this login, and everywhere ends all', async () => {
    const email = person(cloud, 'Dan');
    const [mine, other] = [await atHome(await openPage(browser, PHONE), cloud, email), await atHome(await openPage(browser, DESK), cloud, email)];
    await atAccount(mine);
    await button(mine, 'Sign out').click();
    await heading(mine, 'Sign in').waitFor();
    await mine.reload();
    await heading(mine, 'Sign in').waitFor();
    await other.reload();
    await inside(other).waitFor();
    await atHome(mine, cloud, email);
    await atAccount(mine);
    await button(mine, 'Sign out everywhere').click();
    await mine.getByRole('group', { name: 'End every login of yours' }).getByRole('button', { name: 'Sign out everywhere' }).click();
    await heading(mine, 'Sign in').waitFor();
    await other.reload();
    await heading(other, 'Sign in').waitFor();
    for (const page of [mine, other]) await page.context().close();
  });

  test('an account is deleted by its typed e-mail and password, and its sessions end for whoever is in them', async () => {
    const email = person(cloud, 'Frank');
    const { access_token: token } = await cloud.api('POST', '/api/login', { body: { email, password: PASSWORD } });
    const made = await cloud.api('POST', '/api/sessions', { token, body: { name: 'Frank’s <i>show</i>' } });
    const viewer = await open(`/viewer/#${made.viewer_code}`);
    await button(viewer, 'Watch').click();
    await viewer.getByText('has not begun').first().waitFor();
    const page = await atHome(await openPage(browser, PHONE), cloud, email);
    await atAccount(page);
    await button(page, 'Delete the account').click();
    const form = page.getByRole('form', { name: 'Delete the account' });
    await form.getByText('Frank’s <i>show</i>').waitFor();
    await looksRight(page, 'account-delete-phone');
    await form.getByLabel('Password').fill('a guess');
    await form.getByLabel('Type your e-mail').fill('somebody@example.org');
    assert.equal(await button(form, 'Delete for good').isDisabled(), true);
    await form.getByLabel('Type your e-mail').fill(email);
    await button(form, 'Delete for good').click();
    await told(page, 'The password is wrong').waitFor();
    await form.getByLabel('Password').fill(PASSWORD);
    await button(form, 'Delete for good').click();
    await heading(page, 'Your account is gone').waitFor();
    await looksRight(page, 'account-deleted-phone');
    await viewer.getByText('This session is over').first().waitFor();
    assert.equal(await login(email), 401);
    for (const one of [page, viewer]) {
      assert.deepEqual(one.problems, []);
      await one.context().close();
    }
  });

  test('password fields are for keepers of passwords, and take what is pasted', async () => {
    const page = await open('/account/', DESK);
    const fields = () =>
      page.locator('form input').evaluateAll((all) => all.map(({ type, autocomplete }) => `${type} ${autocomplete}`));
    await page.getByLabel('Password').waitFor();
    assert.deepEqual(await fields(), ['email username', 'password current-password']);
    await button(page, 'Make an account').click();
    await page.getByLabel('Name', { exact: true }).waitFor();
    assert.deepEqual(await fields(), ['email username', 'text name', 'password new-password']);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate((text) => navigator.clipboard.writeText(text), PASSWORD);
    await page.getByLabel('Password').focus();
    await page.keyboard.press('Control+V');
    assert.equal(await page.getByLabel('Password').inputValue(), PASSWORD);
    await page.context().close();
  });

  test('the last host is not deleted', async () => {
    const page = await atHome(await openPage(browser, DESK), cloud, 'director@example.org');
    await atAccount(page);
    await button(page, 'Delete the account').click();
    const form = page.getByRole('form', { name: 'Delete the account' });
    await form.getByLabel('Type your e-mail').fill('director@example.org');
    await form.getByLabel('Password').fill(PASSWORD);
    await button(form, 'Delete for good').click();
    await told(page, 'This is the last host of the server').waitFor();
    await page.context().close();
  });
});

describe('where not everybody may', () => {
  for (const [registration, words] of [['closed', 'Nobody can make an account here'], ['invite', 'can invite you by a link']]) {
    test(`the sign-in says so: ${registration}`, async () => {
      const cloud = await Cloud.start({ args: ['--registration', registration] });
      const browser = await openBrowser();
      try {
        const page = await openPage(browser, PHONE);
        await page.goto(`${cloud.origin}/account/`);
        await page.getByText(words).waitFor();
        await looksRight(page, `sign-in-${registration}-phone`);
        assert.equal(await button(page, 'Make an account').count(), 0);
        if (registration === 'closed') {
          await page.goto(`${cloud.origin}/account/#register/an-old-invitation`);
          await heading(page, words).waitFor();
        } else {
          const link = linkOf(cloud, ['invite', '--email', 'grace@example.org']);
          await page.goto(link);
          await page.getByText('The host of this server invited you').waitFor();
          await looksRight(page, 'invited-phone');
          const fill = async (email) => {
            await page.getByLabel('E-mail').fill(email);
            await page.getByLabel('Name', { exact: true }).fill('Grace');
            await page.getByLabel('Password').fill(PASSWORD);
            await button(page, 'Make an account').click();
          };
          await fill('mallory@example.org');
          await told(page, 'for another e-mail').waitFor();
          await fill('grace@example.org');
          await inside(page).waitFor();
          await page.goto(link);
          await heading(page, 'You are signed in as Grace').waitFor();
          await looksRight(page, 'invited-already-phone');
        }
        await page.context().close();
      } finally {
        await browser.close();
        await cloud.end();
      }
    });
  }
});
