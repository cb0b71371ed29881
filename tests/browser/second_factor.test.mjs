// The second factor as a person has it: set up on a phone, asked for at sign-in, recovered, taken away, wanted of hosts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PASSWORD, atHome, button, inside, person, signIn, told } from './lib/accounts.mjs';
import { codeOf } from './lib/authenticator.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { DESK, looksRight } from './lib/looked-at.mjs';

const HOST = 'director@example.org';
const factor = (page) => page.getByRole('region', { name: 'Second factor' });

describe('a second factor', () => {
  let cloud;
  let browser;
  before(async () => {
    cloud = await Cloud.start({ secondFactor: 'hosts' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  /** Sets one up on the account page that is open; its secret and its codes to recover by. */
  const setUp = async (page, name) => {
    await button(factor(page), 'Set up a second factor').click();
    await factor(page).getByLabel('Password').fill('a guess');
    await button(factor(page), 'Go on').click();
    await told(page, 'The password is wrong').waitFor();
    await factor(page).getByLabel('Password').fill(PASSWORD);
    await button(factor(page), 'Go on').click();
    await factor(page).getByRole('img', { name: 'QR code' }).waitFor();
    await looksRight(page, `factor-scan-${name}`);
    const secret = await factor(page).locator('.address').innerText();
    await factor(page).getByLabel('Code', { exact: true }).fill('000000');
    await button(factor(page), 'Turn it on').click();
    await told(page, 'The code is wrong').waitFor();
    await factor(page).getByLabel('Code', { exact: true }).fill(codeOf(secret));
    await button(factor(page), 'Turn it on').click();
    const listed = factor(page).getByRole('listitem');
    await listed.nth(9).waitFor();
    await looksRight(page, `factor-keep-${name}`);
    const codes = await listed.allInnerTexts();
    await button(factor(page), 'I have kept them').click();
    await listed.first().waitFor({ state: 'detached' }); // they are shown once
    await factor(page).getByText('On: each login by password').waitFor();
    return { secret, codes };
  };

  test('is set up on a phone, asked for after the password, recovered and taken away', async () => {
    const email = person(cloud, 'Ada');
    const page = await atHome(await openPage(browser, PHONE), cloud, email);
    await button(page, 'Account').click();
    const { secret, codes } = await setUp(page, 'phone');
    await button(page, 'Sign out').click();

    await signIn(page, email);
    const code = page.getByLabel('Code', { exact: true });
    await code.waitFor();
    assert.equal(await code.evaluate((field) => field === document.activeElement), true, 'one types on');
    assert.equal(await inside(page).count(), 0, 'the password alone opens nothing');
    await looksRight(page, 'factor-asked-phone');
    await code.fill('000000');
    await button(page, 'Sign in').click();
    await told(page, 'The code is wrong').waitFor();
    // The step that set it up is spent, and the next is taken early: no test waits half a minute.
    await code.fill(codeOf(secret, 1));
    await button(page, 'Sign in').click();
    await inside(page).waitFor();
    await button(page, 'Sign out').click();
    await signIn(page, email);
    await page.getByLabel('Code', { exact: true }).fill(codes[3].toLowerCase());
    await button(page, 'Sign in').click();
    await inside(page).waitFor();

    await button(page, 'Account').click();
    await factor(page).getByText('9 codes to recover by left').waitFor();
    await button(factor(page), 'Make new codes to recover by').click();
    await factor(page).getByLabel('Password').fill(PASSWORD);
    await factor(page).getByLabel('Code', { exact: true }).fill(codes[5]);
    await button(factor(page), 'Make new codes to recover by').click();
    const listed = factor(page).getByRole('listitem');
    await listed.nth(9).waitFor();
    const renewed = await listed.allInnerTexts();
    await button(factor(page), 'I have kept them').click();
    await factor(page).getByText('10 codes to recover by left').waitFor();
    await looksRight(page, 'factor-on-phone');
    await button(factor(page), 'Turn the second factor off').click();
    await factor(page).getByLabel('Password').fill(PASSWORD);
    await factor(page).getByLabel('Code', { exact: true }).fill(codes[4]);
    await button(factor(page), 'Turn the second factor off').click();
    await told(page, 'The code is wrong').waitFor();
    await factor(page).getByLabel('Code', { exact: true }).fill(renewed[4]);
    await button(factor(page), 'Turn the second factor off').click();
    await factor(page).getByText('A password alone opens this account').waitFor();
    await button(page, 'Sign out').click();
    await atHome(page, cloud, email);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });

  test('a host is led to it, is a host then, and resets another’s', async () => {
    const email = person(cloud, 'Bob');
    const bob = await atHome(await openPage(browser, DESK), cloud, email);
    await button(bob, 'Account').click();
    await setUp(bob, 'desk');
    await bob.context().close();

    const page = await atHome(await openPage(browser, DESK), cloud, HOST);
    await factor(page).getByText('This server wants a second factor').waitFor(); // where one lands
    await looksRight(page, 'factor-missing-desk');
    await page.goto(`${cloud.origin}/admin/`);
    await page.getByText('This server wants a second factor').waitFor();
    await looksRight(page, 'factor-missing-admin');
    await button(page, 'Set up a second factor').click();
    await setUp(page, 'host');
    await page.goto(`${cloud.origin}/admin/`);
    await button(page, 'People').click();
    const row = page.getByRole('listitem', { name: 'Bob' });
    await row.getByText('second factor', { exact: true }).waitFor();
    await button(row, 'Reset the second factor').click();
    await button(row, 'Yes').click();
    await row.getByText('second factor', { exact: true }).waitFor({ state: 'detached' });
    await page.context().close();
    const again = await atHome(await openPage(browser, PHONE), cloud, email);
    await again.context().close();
  });

  test('speaks Korean to a Korean phone', async () => {
    const email = person(cloud, 'Jisu');
    const page = await openPage(browser, { ...PHONE, locale: 'ko-KR' });
    await page.goto(`${cloud.origin}/account/`);
    await page.getByLabel('이메일').fill(email);
    await page.getByLabel('비밀번호').fill(PASSWORD);
    await button(page, '로그인').click();
    await button(page, '계정').click();
    const section = page.getByRole('region', { name: '2단계 인증' });
    await button(section, '2단계 인증 설정').click();
    await section.getByLabel('비밀번호').fill(PASSWORD);
    await button(section, '계속').click();
    await section.getByRole('img', { name: 'QR 코드' }).waitFor();
    await looksRight(page, 'factor-scan-korean');
    const secret = await section.locator('.address').innerText();
    await section.getByLabel('코드', { exact: true }).fill(codeOf(secret));
    await button(section, '켜기').click();
    await section.getByRole('listitem').nth(9).waitFor();
    await looksRight(page, 'factor-keep-korean');
    await page.context().close();
  });
});
