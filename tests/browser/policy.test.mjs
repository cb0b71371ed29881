// The content security policy that each page is served with, and the words for whatever the server refuses.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { atHome } from './lib/accounts.mjs';
import { openBrowser, openPage, PHONE } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { DESK, looksRight } from './lib/looked-at.mjs';
import { enter } from './lib/pages.mjs';
import { until } from './lib/program.mjs';

const HANGUL = /\p{Script=Hangul}/u;

describe('every page', () => {
  let cloud;
  let session;
  let browser;
  before(async () => {
    cloud = await Cloud.start();
    session = await cloud.session();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  const PAGES = {
    '/': async () => {},
    '/check/': async (page) => {
      await page.getByRole('button', { name: /^Try everything/ }).click();
      await page.getByRole('button', { name: /^(Share|Copy)/ }).waitFor();
    },
    '/account/': async (page) => atHome(page, cloud, 'director@example.org'),
    '/admin/': async (page) => {
      await atHome(page, cloud, 'director@example.org');
      await page.goto(`${cloud.origin}/admin/`);
      await page.getByRole('heading', { name: 'Now' }).waitFor();
    },
    '/camera/': async (page) => {
      await page.goto(session.cameraLink);
      await enter(page);
      await page.getByRole('button', { name: 'Start' }).waitFor();
    },
    '/viewer/': async (page) => {
      await page.goto(session.viewerLink);
      await enter(page);
    },
    '/quality/': async () => {},
  };

  for (const [path, use] of Object.entries(PAGES)) {
    test(`${path} does nothing that its policy forbids, and a script that is put into it does not run`, async () => {
      const page = await openPage(browser, PHONE);
      const errors = [];
      page.on('console', (said) => said.type() === 'error' && /policy/i.test(said.text()) && errors.push(said.text()));
      const answer = await page.goto(cloud.origin + path);
      const policy = answer.headers()['content-security-policy'];
      assert.match(policy, /default-src 'none'|default-src 'self'/);
      assert.doesNotMatch(policy, /unsafe/);
      await page.locator('#root > *').first().waitFor();
      await use(page);
      await looksRight(page, `policy${path.replaceAll('/', '-')}`);
      assert.deepEqual([page.problems, errors], [[], []]);

      await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.ran = "a script"';
        const picture = document.createElement('img');
        picture.setAttribute('onerror', 'globalThis.ran = "a handler"');
        picture.src = '/nowhere.png';
        const style = document.createElement('p');
        style.setAttribute('style', 'color: rgb(1, 2, 3)');
        style.id = 'styled';
        document.body.append(script, picture, style);
      });
      await until('each attempt is held up', () => page.problems.length >= 3);
      assert.ok(page.problems.every((problem) => problem.startsWith('policy: ')), page.problems.join());
      assert.equal(await page.evaluate(() => globalThis.ran), undefined);
      assert.notEqual(await page.locator('#styled').evaluate((styled) => getComputedStyle(styled).color), 'rgb(1, 2, 3)');
      await page.context().close();
    });
  }
});

describe('each page in Korean', () => {
  let cloud;
  let session;
  let browser;
  before(async () => {
    cloud = await Cloud.start();
    session = await cloud.session({ state: 'open' });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  for (const [path, of] of [
    ['/'], ['/account/'], ['/admin/'], ['/check/'], ['/quality/'], ['/camera/'], ['/viewer/'],
    ['/camera/', 'cameraLink'], ['/viewer/', 'viewerLink'],
  ]) {
    for (const [size, screen] of [['phone', PHONE], ['desk', DESK]]) {
      test(`${path}${of ? ' by a link' : ''} on a ${size} is for everybody`, async () => {
        const page = await openPage(browser, { ...screen, locale: 'ko-KR' });
        await page.goto(of ? session[of] : cloud.origin + path);
        await page.locator('#root > *').first().waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.lang), 'ko');
        await looksRight(page, `korean${path.replaceAll('/', '-')}${of ? 'link-' : ''}${size}`);
        assert.deepEqual(page.problems, []);
        await page.context().close();
      });
    }
  }
});

describe('whatever the server refuses', () => {
  const ASKED = /^\/api\/(account|admin|account-invites|users|email|login|logins|logout|logout-everywhere|password|refresh|register|second-factor|setup|signin|sessions|sessions\/\{session\})(\/|$)/;
  // Of other pages: who is in a session has `problemWords`, tested beside it.
  const ELSEWHERE = /^\/api\/sessions\/\{session\}\/./;
  let cloud;
  let browser;
  let codes;
  before(async () => {
    cloud = await Cloud.start();
    browser = await openBrowser();
    const { paths } = await cloud.api('GET', '/api/openapi.json');
    const own = Object.entries(paths).filter(([path]) => ASKED.test(path) && !ELSEWHERE.test(path));
    codes = new Map();
    for (const [, operations] of own) {
      for (const { responses } of Object.values(operations)) {
        for (const [status, answer] of Object.entries(responses)) {
          const schema = answer.content?.['application/problem+json']?.schema;
          const named = schema?.allOf?.flatMap(({ properties }) => properties?.code?.enum ?? []) ?? [];
          for (const code of named) codes.set(code, Number(status));
        }
      }
    }
    assert.ok(codes.size > 30, [...codes.keys()].join());
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
  });

  for (const [locale, email, password, button] of [
    ['en-GB', 'E-mail', 'Password', 'Sign in'],
    ['ko-KR', '이메일', '비밀번호', '로그인'],
  ]) {
    test(`the account pages say it in the language of their person: ${locale}`, async () => {
      const page = await openPage(browser, { ...PHONE, locale });
      let told = null;
      await page.route('**/api/login', (route) => {
        const body = { status: told.status, code: told.code, title: 'UNTRANSLATED', detail: 'UNTRANSLATED' };
        return route.fulfill({ status: told.status, contentType: 'application/problem+json', json: body });
      });
      await page.goto(`${cloud.origin}/account/`);
      await page.getByLabel(email).fill('ada@example.org');
      await page.getByLabel(password).fill('a passphrase');
      const wrong = [];
      for (const [code, status] of codes) {
        if (code === 'invalid_input') continue; // it names the field in the server's words, after ours
        if (code === 'code_needed') continue; // the form asks for it in place of an alert
        told = { code, status };
        const answered = page.waitForResponse('**/api/login');
        await page.getByRole('button', { name: button, exact: true }).click();
        await answered;
        const sentence = await page.getByRole('alert').innerText();
        if (sentence.includes('UNTRANSLATED') || HANGUL.test(sentence) !== (locale === 'ko-KR')) wrong.push(`${code}: ${sentence}`);
      }
      assert.deepEqual(wrong, []);
      await page.context().close();
    });
  }
});
