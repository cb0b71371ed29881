// Signing in at an OpenID provider, in Chromium: a certified provider that is honest, and one that is not.

import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { linkOf } from './lib/accounts.mjs';
import { openBrowser, openPage } from './lib/chromium.mjs';
import { Cloud } from './lib/cloud.mjs';
import { CLIENT, honestProvider, hostileProvider, settingsOf, signInThere } from './lib/openid.mjs';
import { until } from './lib/program.mjs';

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** A cloud that signs people in at the provider that `provide` makes for its address. */
async function cloudAt(provide, args = []) {
  const https_port = await freePort();
  const origin = `https://127.0.0.1:${https_port}`;
  const provider = await provide(origin);
  const dataDir = mkdtempSync(join(tmpdir(), 'returnfeed-'));
  const secretFile = join(dataDir, 'oidc-secret');
  writeFileSync(secretFile, `${CLIENT.secret}\n`, { mode: 0o600 });
  const settings = settingsOf(provider.issuer, origin, secretFile);
  const cloud = await Cloud.start({ dataDir, ports: { https_port }, args: [...settings, ...args] });
  return { cloud, provider };
}

const heading = (page, name) => page.getByRole('heading', { name });
const inside = (page) => page.getByRole('navigation', { name: 'Pages' });

describe('a certified provider', () => {
  const people = {
    ada: { email: 'ada@example.org', email_verified: true, name: 'Ada' },
    bob: { email: 'bob@example.org', email_verified: false, name: 'Bob' },
    director: { email: 'director@example.org', email_verified: true, name: 'Director' },
  };
  let cloud;
  let provider;
  let browser;
  before(async () => {
    ({ cloud, provider } = await cloudAt((origin) => honestProvider(origin, people), ['--registration', 'open']));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
    await provider?.close();
  });

  /** A page of a browser of its own, at the provider's question who it is. */
  const atProvider = async () => {
    const page = await openPage(browser);
    await page.goto(`${cloud.origin}/account/`);
    await page.getByRole('button', { name: 'Continue with 127.0.0.1' }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    return page;
  };
  const signedIn = async (subject) => {
    const page = await atProvider();
    await signInThere(page, subject);
    return page;
  };

  test('somebody new becomes somebody here, and is the same person the next time', async () => {
    const first = await signedIn('ada');
    await inside(first).waitFor();
    assert.ok(!first.url().includes('#'), 'no secret stays in the address');
    people.ada = { ...people.ada, email: 'ada.moved@example.org' };
    const again = await signedIn('ada');
    await inside(again).waitFor();
    assert.deepEqual(first.problems.concat(again.problems), []);
    const log = cloud.program.lines.join('\n');
    assert.equal(log.match(/an account is made by the provider's word/g).length, 1, log);
  });

  test('an account that was here is not opened by its e-mail: its password joins the two, once', async () => {
    const page = await signedIn('director');
    await heading(page, 'Is this account yours?').waitFor();
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Join the two' }).click();
    await page.getByRole('alert').filter({ hasText: 'E-mail or password is wrong' }).waitFor();
    await page.getByLabel('Password').fill('a passphrase for the tests');
    await page.getByRole('button', { name: 'Join the two' }).click();
    await inside(page).waitFor();
    await inside(await signedIn('director')).waitFor();
  });

  test('an e-mail that is not verified there opens and makes nothing', async () => {
    const page = await signedIn('bob');
    await heading(page, 'You are not signed in').waitFor();
    await page.getByText('Your e-mail is not verified there').waitFor();
  });

  test('a code that was used is refused by the provider, whose answer we tell', async () => {
    const page = await atProvider();
    let used;
    page.on('request', (request) => {
      if (request.url().includes('/api/signin/callback?')) used ??= new URL(request.url());
    });
    await signInThere(page, 'ada');
    await inside(page).waitFor();
    const other = await atProvider();
    const asked = await stateOf(other, cloud);
    await other.goto(`${cloud.origin}/api/signin/callback?code=${used.searchParams.get('code')}&state=${asked}`);
    await other.getByText('The provider did not take the sign-in').waitFor();
  });

  test('a desktop program gets a login of its own by the browser, and nobody else does with its code', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const state = randomBytes(12).toString('base64url');
    const answers = [];
    const desktop = createHttp((request, response) => {
      answers.push(new URL(request.url, 'http://127.0.0.1'));
      response.end('done');
    });
    await new Promise((resolve) => desktop.listen(0, '127.0.0.1', resolve));
    const page = await openPage(browser);
    await page.goto(`${cloud.origin}/account/#desktop/${desktop.address().port}/${challenge}/${state}`);
    await page.getByRole('button', { name: 'Continue with 127.0.0.1' }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    await signInThere(page, 'ada');
    await heading(page, 'Sign in on this computer?').waitFor();
    assert.equal(answers.length, 0, 'nothing is given before the person says yes');
    await page.getByRole('button', { name: 'Yes, sign in' }).click();
    const answer = await until('the desktop has its answer', () => answers.find(({ pathname }) => pathname === '/'));
    assert.equal(answer.searchParams.get('state'), state);
    const code = answer.searchParams.get('code');
    const trade = (body) => cloud.request('POST', '/api/signin/desktop/login', { body });
    const login = await trade({ code, verifier });
    assert.equal(login.status, 200);
    const { access_token: token, account } = await login.json();
    assert.equal(account.name, 'Ada');
    assert.equal((await cloud.api('GET', '/api/account', { token })).id, account.id);
    assert.equal((await trade({ code, verifier })).status, 403, 'it is good once');
    const { code: stolen } = await cloud.api('POST', '/api/signin/desktop', { token, body: { challenge } });
    assert.equal((await trade({ code: stolen, verifier: 'of somebody else' })).status, 403);
    assert.equal((await trade({ code: stolen, verifier })).status, 403, 'a wrong verifier spends it');
    desktop.close();
    desktop.closeAllConnections();
    await page.context().close();
  });

  test('whoever says no there is told so', async () => {
    const page = await atProvider();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('You did not sign in there').waitFor();
  });

  test('a provider that is away costs a sentence, and the password still opens', async () => {
    const away = await cloudAt(async (origin) => {
      const gone = await honestProvider(origin, people);
      await gone.close();
      return gone;
    });
    const page = await openPage(browser);
    await page.goto(`${away.cloud.origin}/account/`);
    await page.getByRole('button', { name: /^Continue with/ }).click();
    await page.getByRole('alert').filter({ hasText: 'The provider does not answer' }).waitFor();
    await page.getByLabel('E-mail').fill('director@example.org');
    await page.getByLabel('Password').fill('a passphrase for the tests');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await inside(page).waitFor();
    await away.cloud.end();
  });
});

/** A new question of this page's browser: its state. */
async function stateOf(page, cloud) {
  await page.goto(`${cloud.origin}/account/`);
  const address = await page.evaluate(async () => {
    return (await (await fetch('/api/signin/provider', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}',
    })).json()).address;
  });
  return new URL(address).searchParams.get('state');
}

describe('where one is invited', () => {
  const people = {
    ada: { email: 'ada@example.org', email_verified: true, name: 'Ada' },
    bob: { email: 'Bob@Example.org', email_verified: true, name: 'Bob' },
    eve: { email: 'eve@example.org', email_verified: true, name: 'Eve' },
    uma: { email: 'uma@example.org', email_verified: false, name: 'Uma' },
  };
  let cloud;
  let provider;
  let browser;
  before(async () => {
    ({ cloud, provider } = await cloudAt((origin) => honestProvider(origin, people), ['--registration', 'invite']));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
    await provider?.close();
  });

  /** Somebody with a browser of their own opens a link, or none, and signs in there. */
  const signedIn = async (subject, link = `${cloud.origin}/account/`) => {
    const page = await openPage(browser);
    await page.goto(link);
    await page.getByRole('button', { name: 'Continue with 127.0.0.1' }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    assert.ok(!page.url().includes(link.split('#register/')[1] ?? '#'), 'an invitation does not travel');
    await signInThere(page, subject);
    return page;
  };
  const turnedAway = async (page) => {
    await heading(page, 'You are not signed in').waitFor();
    await page.getByText('Open the link by which the host invited you').waitFor();
    await page.context().close();
  };

  test('an invitation makes the account of whom the provider names, once, and no other way does', async () => {
    const link = linkOf(cloud, ['invite']);
    await turnedAway(await signedIn('ada'));
    const unproven = await signedIn('uma', link);
    await unproven.getByText('Your e-mail is not verified there').waitFor();
    const ada = await signedIn('ada', link);
    await inside(ada).waitFor();
    assert.ok(!ada.url().includes('#'), 'no secret stays in the address');
    assert.deepEqual(ada.problems, []);
    await turnedAway(await signedIn('eve', link));
    await inside(await signedIn('ada')).waitFor();
    const log = cloud.program.lines.join('\n');
    assert.ok(!log.includes(link.split('#register/')[1]), 'and none stands in the log');
  });

  test('an invitation for one e-mail is for whom the provider says to have it', async () => {
    const link = linkOf(cloud, ['invite', '--email', 'bob@example.org']);
    await turnedAway(await signedIn('eve', link));
    await inside(await signedIn('bob', link)).waitFor();
  });
});

describe('a provider that lies', () => {
  let cloud;
  let provider;
  let browser;
  before(async () => {
    ({ cloud, provider } = await cloudAt(hostileProvider, ['--registration', 'open']));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await cloud?.end();
    await provider?.close();
  });

  /** What a browser is told that signs in while the provider tells these lies, and what the log says of it. */
  const told = async (lies) => {
    provider.lies = lies;
    const from = cloud.program.lines.length;
    const page = await openPage(browser);
    await page.goto(`${cloud.origin}/account/`);
    await page.getByRole('button', { name: /^Continue with/ }).click();
    await Promise.race([inside(page).waitFor(), heading(page, 'You are not signed in').waitFor()]);
    const sentence = await page.locator('main, header').allInnerTexts();
    const isIn = await inside(page).isVisible();
    await page.context().close();
    return { isIn, sentence: sentence.join(' '), log: () => cloud.program.lines.slice(from).join('\n') };
  };
  const refused = async (lies, sentence, why) => {
    const outcome = await told(lies);
    assert.equal(outcome.isIn, false, 'nobody is let in');
    assert.match(outcome.sentence, sentence);
    if (why) await until(`the log says ${why}`, () => why.test(outcome.log()));
  };
  const LIES = /could not be believed/;
  const hour = 3_600;

  test('it is let in while it tells the truth', async () => {
    assert.equal((await told({})).isIn, true);
  });

  test('the nonce of another question', () =>
    refused({ claims: (c) => ({ ...c, nonce: randomBytes(9).toString('hex') }) }, LIES, /nonce/i));
  test('no nonce', () => refused({ claims: ({ nonce, ...c }) => (void nonce, c) }, LIES, /nonce/i));
  test('a token for somebody else', () => refused({ claims: (c) => ({ ...c, aud: 'another client' }) }, LIES, /audience/i));
  test('a token for us and somebody else', () =>
    refused({ claims: (c) => ({ ...c, aud: [CLIENT.id, 'another client'] }) }, LIES, /audience/i));
  test('a token of another issuer', () =>
    refused({ claims: (c) => ({ ...c, iss: 'https://accounts.google.com' }) }, LIES, /issuer/i));
  test('a token that has expired', () =>
    refused({ claims: (c) => ({ ...c, iat: c.iat - hour, exp: c.iat - hour + 60 }) }, /of another time/, /expired/i));
  test('a token that was made an hour ago and lives for ever', () =>
    refused({ claims: (c) => ({ ...c, iat: c.iat - hour, exp: c.iat + 100 * hour }) }, /of another time/));
  test('a token of a clock that is an hour ahead', () =>
    refused({ claims: (c) => ({ ...c, iat: c.iat + hour, exp: c.iat + 2 * hour }) }, /of another time/));
  test('a signature that is none', () =>
    refused({ header: (h) => ({ ...h, alg: 'none' }), sign: () => '' }, LIES));
  test('a signature with the secret that we share', () =>
    refused({
      header: ({ kid, ...h }) => (void kid, { ...h, alg: 'HS256' }),
      sign: (text) => createHmac('sha256', CLIENT.secret).update(text).digest('base64url'),
    }, LIES));
  test('claims that were changed after they were signed', () =>
    refused({ sign: (_, honest) => honest().replace(/^..../, 'AAAA') }, LIES, /signature/i));
  test('a key that it does not publish', () =>
    refused({ header: (h) => ({ ...h, kid: 'nobody knows it' }) }, LIES, /does not publish/));
  test('an e-mail that is not verified', () =>
    refused({ claims: (c) => ({ ...c, sub: 'new', email: 'new@example.org', email_verified: false }) }, /not verified there/));
  test('the state of nobody', () =>
    refused({ answer: (a) => ({ ...a, state: randomBytes(9).toString('hex') }) }, /not known any more/));
  test('an answer from another issuer', () =>
    refused({ answer: (a) => ({ ...a, iss: 'https://evil.example' }) }, LIES));
  test('an error in place of an answer', () =>
    refused({ answer: ({ state }) => ({ state, error: 'server_error' }) }, /did not take the sign-in/));

  test('a new key is read when the first token comes that is signed with it', async () => {
    const before = provider.counted.jwks;
    provider.rotate();
    assert.equal((await told({})).isIn, true);
    assert.equal(provider.counted.jwks, before + 1);
    assert.equal((await told({})).isIn, true);
    assert.equal(provider.counted.jwks, before + 1, 'and not again for each');
  });

  test('the answer to one browser\'s question is worth nothing in another\'s', async () => {
    let answer;
    provider.lies = { lead: (address) => ((answer = address), `${provider.issuer}/elsewhere`) };
    const [victim, attacker] = [await openPage(browser), await openPage(browser)];
    await attacker.goto(`${cloud.origin}/account/`);
    await attacker.getByRole('button', { name: /^Continue with/ }).click();
    await until('the attacker holds an answer of their own', () => answer);
    await victim.goto(`${cloud.origin}/account/`);
    await victim.getByRole('button', { name: /^Continue with/ }).waitFor();
    await victim.goto(answer);
    await victim.getByText('not known any more').waitFor();
    assert.equal(await inside(victim).isVisible(), false);
    const tokens = provider.counted.token;
    await attacker.goto(answer);
    await attacker.getByText('not known any more').waitFor();
    assert.equal(provider.counted.token, tokens, 'a question is answered once, whoever spoils it');
  });

  test('no code, token or secret stands in the log', () => {
    const log = cloud.program.lines.join('\n');
    for (const code of provider.codes.keys()) assert.ok(!log.includes(code), 'a code');
    assert.ok(!log.includes(CLIENT.secret) && !/eyJ[\w-]+\./.test(log), 'a secret or a token');
  });
});
